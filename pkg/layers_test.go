package pkg

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const ours = "github.com/kubectl-certs/kubectl-certs/pkg/"

// layer is what a package may import of ours, and whether it is pure: values
// in, values out.
type layer struct {
	imports []string
	pure    bool
}

// layers is the architecture. A new package joins it in the same commit.
var layers = map[string]layer{
	"cli":               {imports: []string{"bundle", "cmd/cmdutil", "cmd/iostreams", "cmd/lifecycle", "diff", "disk", "finding", "hint", "issuance/operator", "issuance/watch", "kube", "kube/apply", "limits", "lint", "manifest", "manifest/position", "overlay", "phrase", "pki", "plan", "printable", "problem", "project", "run", "shell", "shutdown", "source", "spec", "trust", "trust/aks", "trust/cluster", "trust/rotation", "trust/rotator", "trust/source", "trust/usage"}},
	"cmd":               {imports: []string{"cli", "cmd/cmdutil", "cmd/completion", "cmd/dnsprovider", "cmd/iostreams", "cmd/lifecycle", "cmd/options", "cmd/schema", "cmd/version", "hint", "limits", "panics", "phrase", "problem"}},
	"cmd/cmdutil":       {imports: []string{"cmd/iostreams", "cmd/lifecycle", "disk", "hint", "kube", "limits", "project", "spec"}},
	"cmd/completion":    {imports: []string{"cmd/cmdutil"}},
	"cmd/dnsprovider":   {imports: []string{"dns01/lego", "dns01/process"}},
	"cmd/iostreams":     {imports: []string{"printable"}},
	"cmd/lifecycle":     {},
	"cmd/options":       {imports: []string{"cmd/cmdutil"}},
	"cmd/output":        {imports: []string{"disk", "manifest", "printable"}},
	"cmd/schema":        {imports: []string{"cmd/cmdutil", "spec"}},
	"cmd/version":       {imports: []string{"cmd/cmdutil", "cmd/iostreams", "cmd/output"}},
	"project":           {imports: []string{"bundle", "diff", "disk", "finding", "limits", "lint", "manifest", "overlay", "plan", "problem", "spec", "trust", "trust/source"}},
	"acme":              {imports: []string{"panics", "pki", "printable", "run", "shutdown"}},
	"dns01":             {imports: []string{"panics", "printable", "run"}},
	"dns01/lego":        {imports: []string{"dns01", "dns01/process"}}, // the child's end of the process
	"dns01/process":     {imports: []string{"dns01"}},
	"issuance/http01":   {imports: []string{"kube", "manifest", "plan", "run"}},
	"issuance/operator": {imports: []string{"acme", "dns01", "dns01/process", "issuance/http01", "issuance/store", "issuance/watch", "kube", "manifest", "panics", "responder", "run"}},
	"issuance/store":    {imports: []string{"kube", "pki", "run"}},
	"issuance/watch":    {imports: []string{"issuance/store", "kube", "manifest", "plan", "routes", "run"}},
	"responder":         {imports: []string{"run"}},
	"run":               {imports: []string{"panics", "pki", "plan", "shutdown"}},
	"trust/aks":         {pure: true, imports: []string{"finding", "printable", "shell", "trust"}},
	"trust/cluster":     {imports: []string{"bundle", "hint", "kube", "kube/workload", "manifest", "pki", "plan", "trust", "trust/usage"}},
	"trust/rotation":    {pure: true, imports: []string{"hint", "limits", "pki", "problem", "strictyaml", "trust", "trust/usage", "yamlnode"}},
	"trust/rotator":     {imports: []string{"endpoint", "hint", "panics", "problem", "shell", "trust", "trust/cluster", "trust/rotation", "trust/source", "trust/usage"}},
	"trust/source":      {imports: []string{"disk", "endpoint", "finding", "hint", "limits", "phrase", "problem", "shell", "trust"}},
	"trust/usage":       {pure: true, imports: []string{"finding", "pki", "trust"}},
	"disk":              {imports: []string{"limits"}},
	"kube":              {imports: []string{"manifest", "panics", "shutdown"}},
	"kube/apply":        {imports: []string{"kube", "kube/workload", "manifest"}},
	"kube/workload":     {imports: []string{"kube", "manifest", "plan"}},
	"source":            {imports: []string{"disk", "hint", "limits", "manifest", "manifest/position", "overlay", "spec", "yamlnode"}},
	"bundle":            {pure: true, imports: []string{"manifest", "plan", "spec", "trust"}},
	"diff":              {pure: true, imports: []string{"manifest", "pki", "printable"}},
	"endpoint":          {},
	"finding":           {pure: true, imports: []string{"phrase", "printable"}},
	"hint":              {pure: true},
	"limits":            {pure: true},
	"lint":              {pure: true, imports: []string{"finding", "manifest", "manifest/position", "phrase", "pki", "plan", "run", "spec", "strictyaml", "trust"}},
	"manifest":          {pure: true, imports: []string{"limits", "plan", "printable", "spec", "trust"}},
	"manifest/position": {pure: true, imports: []string{"manifest", "yamlnode"}},
	"overlay":           {pure: true, imports: []string{"bundle", "limits", "manifest", "panics", "plan", "yamlnode"}},
	"panics":            {pure: true},
	"phrase":            {pure: true, imports: []string{"printable"}},
	"pki":               {pure: true, imports: []string{"printable"}},
	"plan":              {pure: true, imports: []string{"spec", "trust"}},
	"printable":         {pure: true},
	"problem":           {pure: true, imports: []string{"printable"}},
	"rbac":              {pure: true},
	"routes":            {pure: true, imports: []string{"manifest"}},
	"shell":             {pure: true},
	"shutdown":          {},
	"spec":              {pure: true, imports: []string{"limits", "pki", "problem", "strictyaml", "yamlnode"}},
	"strictyaml":        {pure: true, imports: []string{"limits", "problem", "yamlnode"}},
	"trust":             {pure: true, imports: []string{"finding", "limits", "pki", "printable"}},
	"yamlnode":          {pure: true},
	"internal/acmetest": {}, // for tests alone, as the next
	"internal/apitest":  {},
	"internal/catest":   {},
	"internal/doctest":  {},
	"internal/kubetest": {},
	"internal/labtest":  {}, // for tests alone, as the next
}

// impure is what no pure package may import. Every path below counts too.
var impure = []string{
	"os", "net", "math/rand", "crypto/rand", "time/tzdata", "log", "log/slog",
	"k8s.io/client-go", "k8s.io/cli-runtime", "github.com/spf13/cobra", "github.com/go-acme/lego",
}

// exceptions are pure in what they do with it: net/netip and net/url only
// parse.
var exceptions = map[string][]string{
	"spec":     {"net/netip", "net/url"},
	"manifest": {"net/netip"},
	"lint":     {"net/netip"},
	"overlay":  {"net/url"},
	"finding":  {"net/url"},
}

func TestLayers(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || !strings.Contains(file, string(filepath.Separator)) {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		l, known := layers[pkg]
		if !known {
			t.Errorf("%s: package %s is not in the table of layers", file, pkg)
			return nil
		}
		seen[pkg] = true
		if !strings.HasSuffix(file, "_test.go") {
			checkFile(t, file, pkg, l)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range layers {
		if !seen[pkg] {
			t.Errorf("package %s is in the table of layers, and nowhere else", pkg)
		}
	}
}

func checkFile(t *testing.T, file, pkg string, l layer) {
	t.Helper()
	for _, problem := range problems(t, file, pkg, l) {
		t.Errorf("%s: %s", file, problem)
	}
}

func problems(t *testing.T, file, pkg string, l layer) []string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return problemsIn(t, file, string(source), pkg, l)
}

func problemsIn(t *testing.T, file, source, pkg string, l layer) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if sibling, ok := strings.CutPrefix(name, ours); ok && !slices.Contains(l.imports, sibling) {
			found = append(found, pkg+" must not import "+sibling)
		}
		if l.pure && isImpure(name) && !slices.Contains(exceptions[pkg], name) {
			found = append(found, pkg+" is pure and must not import "+name)
		}
	}
	if l.pure && strings.Contains(source, "time.Now(") {
		found = append(found, pkg+" is pure and must not look at the clock")
	}
	return found
}

func isImpure(name string) bool {
	return slices.ContainsFunc(impure, func(bad string) bool { return name == bad || strings.HasPrefix(name, bad+"/") })
}

// TestLayersCanFail breaks the rules in a source of its own, so that a green
// TestLayers means something.
func TestLayersCanFail(t *testing.T) {
	source := `package plan
import (
	"os"
	"time"
	"` + ours + `disk"
)
var now = time.Now()
var _ = os.Args
`
	got := problemsIn(t, path.Join("plan", "x.go"), source, "plan", layers["plan"])
	want := []string{
		"plan is pure and must not import os",
		"plan must not import disk",
		"plan is pure and must not look at the clock",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// unlimited are the calls that read input of any size, or expand aliases, and
// the files that may use them: those that set the limits, those that read what
// was checked before, and those that bound it themselves.
var unlimited = map[string][]string{
	"yaml.NewDecoder(": {"limits/budget.go", "manifest/position/lines.go", "printable/encoded.go"},
	"yaml.Unmarshal(":  nil,
	"os.ReadFile(":     {"internal/labtest/lab.go", "internal/doctest/doctest.go"},
	"io.ReadAll(":      {"disk/bounded.go", "acme/wire.go", "dns01/rest.go", "responder/prover.go", "internal/kubetest/body.go"},
}

// TestLimits: input is read within the limits of package limits.
func TestLimits(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for call, allowed := range unlimited {
			if strings.Contains(string(source), call) && !slices.Contains(allowed, filepath.ToSlash(file)) {
				t.Errorf("%s: %s…) reads without a limit; see packages limits and disk", file, call)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
