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
	"cmd":                     {imports: []string{"cmd/apply", "cmd/cmdutil", "cmd/completion", "cmd/diff", "cmd/dnsprovider", "cmd/generate", "cmd/help", "cmd/iostreams", "cmd/lifecycle", "cmd/lint", "cmd/options", "cmd/renew", "cmd/run", "cmd/schema", "cmd/status", "cmd/trust", "cmd/version", "hint", "limits", "panics", "phrase", "problem"}},
	"cmd/apply":               {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/lifecycle", "diff", "hint", "kube", "kube/apply", "manifest", "phrase", "project", "shutdown"}},
	"cmd/cmdutil":             {imports: []string{"api/v1alpha1", "cmd/iostreams", "cmd/lifecycle", "config", "config/schema", "filetree", "hint", "kube", "limits", "project", "source"}},
	"cmd/completion":          {imports: []string{"cmd/cmdutil", "cmd/help", "hint"}},
	"cmd/diff":                {imports: []string{"api/v1alpha1", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output", "diff", "hint", "kube", "kube/apply", "limits", "problem", "project", "shell", "source"}},
	"cmd/dnsprovider":         {imports: []string{"cmd/help", "issuance/dns01/lego", "issuance/dns01/process"}},
	"cmd/generate":            {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/lifecycle", "cmd/output", "finding", "hint", "lint", "manifest", "overlay", "phrase", "printable", "project", "shell"}},
	"cmd/help":                {imports: []string{"cmd/cmdutil", "hint", "overlay", "problem", "project", "shell"}},
	"cmd/iostreams":           {imports: []string{"printable"}},
	"cmd/lifecycle":           {},
	"cmd/lint":                {imports: []string{"api/v1alpha1", "cabundle", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output", "finding", "hint", "lint", "phrase", "project", "shell", "source"}},
	"cmd/options":             {imports: []string{"cmd/cmdutil", "cmd/help"}},
	"cmd/output":              {imports: []string{"api/v1alpha1", "cmd/help", "filetree", "finding", "hint", "manifest", "printable"}},
	"cmd/renew":               {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/lifecycle", "cmd/requests", "hint", "issuance", "issuance/operator", "phrase", "shutdown"}},
	"cmd/requests":            {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "issuance/operator", "manifest"}},
	"cmd/run":                 {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/lifecycle", "cmd/output", "cmd/requests", "hint", "issuance", "issuance/operator", "issuance/responder", "issuance/watch", "phrase", "printable", "problem", "shutdown"}},
	"cmd/schema":              {imports: []string{"cmd/cmdutil", "cmd/help", "config/schema"}},
	"cmd/status":              {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output", "cmd/requests", "issuance/operator", "phrase"}},
	"cmd/trust":               {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/trust/aks", "cmd/trust/bundle", "cmd/trust/inspect", "cmd/trust/rotate", "cmd/trust/usage", "cmd/trust/verify"}},
	"cmd/trust/aks":           {imports: []string{"cabundle", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output", "cmd/trust/certificates", "finding", "hint", "limits", "phrase", "problem", "shell", "trust/aks", "trust/source"}},
	"cmd/trust/bundle":        {imports: []string{"cabundle", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/lifecycle", "cmd/output", "cmd/trust/certificates", "finding", "hint", "limits", "phrase", "pki", "problem", "shell", "trust/source"}},
	"cmd/trust/certificates":  {imports: []string{"cabundle", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "filetree", "finding", "hint", "limits", "pki", "trust/source"}},
	"cmd/trust/clusterreader": {imports: []string{"cmd/cmdutil", "trust/cluster"}},
	"cmd/trust/inspect":       {imports: []string{"cabundle", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output", "cmd/trust/certificates", "finding", "limits", "phrase"}},
	"cmd/trust/rotate":        {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/lifecycle", "cmd/output", "cmd/trust/certificates", "cmd/trust/clusterreader", "filetree", "hint", "limits", "phrase", "project", "trust/rotation", "trust/rotator", "trust/source", "trust/usage"}},
	"cmd/trust/usage":         {imports: []string{"cabundle", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output", "cmd/trust/certificates", "cmd/trust/clusterreader", "hint", "limits", "phrase", "pki", "printable", "problem", "trust/cluster", "trust/source", "trust/usage"}},
	"cmd/trust/verify":        {imports: []string{"cabundle", "cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output", "cmd/trust/certificates", "cmd/trust/clusterreader", "hint", "limits", "phrase", "printable", "problem", "project", "trust/cluster", "trust/usage"}},
	"cmd/version":             {imports: []string{"cmd/cmdutil", "cmd/help", "cmd/iostreams", "cmd/output"}},
	"project":                 {imports: []string{"api/v1alpha1", "cabundle", "config", "diff", "filetree", "finding", "hint", "limits", "lint", "manifest", "manifest/position", "nodetrust", "overlay", "phrase", "pki", "plan", "problem", "shell", "source", "trust/cluster", "trust/rotation", "trust/rotator", "trust/source", "trust/usage"}},
	"issuance/acme":           {imports: []string{"issuance", "panics", "pki", "printable", "shutdown"}},
	"issuance/dns01":          {imports: []string{"issuance", "panics", "printable"}},
	"issuance/dns01/lego":     {imports: []string{"issuance/dns01", "issuance/dns01/process"}}, // the child's end of the process
	"issuance/dns01/process":  {imports: []string{"issuance/dns01"}},
	"issuance/http01":         {imports: []string{"api/v1alpha1", "issuance", "kube", "manifest", "plan"}},
	"issuance/operator":       {imports: []string{"hint", "issuance", "issuance/acme", "issuance/dns01", "issuance/dns01/process", "issuance/http01", "issuance/responder", "issuance/store", "issuance/watch", "kube", "manifest", "panics", "phrase", "plan", "ratelimit", "rbac"}},
	"issuance/responder":      {imports: []string{"issuance"}},
	"issuance/store":          {imports: []string{"api/v1alpha1", "issuance", "kube", "pki"}},
	"issuance/watch":          {imports: []string{"api/v1alpha1", "issuance", "issuance/store", "kube", "manifest", "plan", "routes"}},
	"issuance":                {imports: []string{"api/v1alpha1", "panics", "pki", "plan", "ratelimit", "shutdown"}},
	"trust/aks":               {pure: true, imports: []string{"cabundle", "finding", "printable", "shell"}},
	"trust/cluster":           {imports: []string{"api/v1alpha1", "cabundle", "hint", "kube", "kube/workload", "manifest", "nodetrust", "pki", "plan", "trust/usage"}},
	"trust/rotation":          {pure: true, imports: []string{"api/v1alpha1", "cabundle", "config", "hint", "limits", "pki", "problem", "shell", "strictyaml", "trust/usage", "yamlnode"}},
	"trust/rotator":           {imports: []string{"cabundle", "filetree", "hint", "limits", "panics", "problem", "shell", "source", "tlsprobe", "trust/cluster", "trust/rotation", "trust/source", "trust/usage"}},
	"trust/source":            {imports: []string{"cabundle", "filetree", "finding", "hint", "limits", "phrase", "problem", "shell", "tlsprobe"}},
	"trust/usage":             {pure: true, imports: []string{"cabundle", "finding", "pki"}},
	"filetree":                {imports: []string{"limits", "problem"}},
	"kube":                    {imports: []string{"manifest", "panics", "shutdown"}},
	"kube/apply":              {imports: []string{"api/v1alpha1", "kube", "kube/workload", "manifest", "phrase"}},
	"kube/workload":           {imports: []string{"kube", "manifest", "plan"}},
	"source":                  {imports: []string{"api/v1alpha1", "config", "filetree", "hint", "limits", "manifest", "manifest/position", "overlay", "problem", "strictyaml", "yamlnode"}},
	"api/v1alpha1":            {pure: true},
	"cabundle":                {pure: true, imports: []string{"finding", "limits", "pki", "printable"}},
	"config":                  {pure: true, imports: []string{"api/v1alpha1", "config/resolve", "config/schema", "config/validation", "limits", "problem", "strictyaml", "yamlnode"}},
	"config/resolve":          {pure: true, imports: []string{"api/v1alpha1"}},
	"config/schema":           {pure: true, imports: []string{"api/v1alpha1", "strictyaml", "yamlnode"}},
	"config/validation":       {pure: true, imports: []string{"api/v1alpha1", "config/resolve", "config/schema", "pki", "problem", "strictyaml", "yamlnode"}},
	"diff":                    {pure: true, imports: []string{"manifest", "pki", "printable"}},
	"finding":                 {pure: true, imports: []string{"phrase", "printable"}},
	"hint":                    {pure: true},
	"limits":                  {pure: true},
	"lint":                    {pure: true, imports: []string{"api/v1alpha1", "cabundle", "finding", "manifest", "manifest/position", "phrase", "pki", "plan", "ratelimit", "strictyaml"}},
	"manifest":                {pure: true, imports: []string{"api/v1alpha1", "cabundle", "limits", "plan", "printable"}},
	"manifest/position":       {pure: true, imports: []string{"manifest", "yamlnode"}},
	"nodetrust":               {pure: true, imports: []string{"api/v1alpha1", "cabundle", "manifest", "plan"}},
	"overlay":                 {pure: true, imports: []string{"api/v1alpha1", "limits", "manifest", "nodetrust", "panics", "phrase", "plan", "problem", "yamlnode"}},
	"panics":                  {pure: true},
	"phrase":                  {pure: true, imports: []string{"printable"}},
	"pki":                     {pure: true, imports: []string{"printable"}},
	"plan":                    {pure: true, imports: []string{"api/v1alpha1", "cabundle", "config/resolve"}},
	"printable":               {pure: true},
	"problem":                 {pure: true, imports: []string{"printable"}},
	"ratelimit":               {pure: true, imports: []string{"api/v1alpha1"}},
	"rbac":                    {pure: true},
	"routes":                  {pure: true, imports: []string{"manifest"}},
	"shell":                   {pure: true},
	"shutdown":                {},
	"strictyaml":              {pure: true, imports: []string{"hint", "limits", "problem", "yamlnode"}},
	"tlsprobe":                {},
	"yamlnode":                {pure: true},
	"internal/acmetest":       {}, // for tests alone, as the next
	"internal/apitest":        {},
	"internal/catest":         {},
	"internal/doctest":        {},
	"internal/kubetest":       {},
	"internal/labtest":        {}, // for tests alone, as the next
}

// impure is what no pure package may import. Every path below counts too.
var impure = []string{
	"os", "net", "math/rand", "crypto/rand", "time/tzdata", "log", "log/slog",
	"k8s.io/client-go", "k8s.io/cli-runtime", "github.com/spf13/cobra", "github.com/go-acme/lego",
}

// exceptions are pure in what they do with it: net/netip and net/url only
// parse.
var exceptions = map[string][]string{
	"config/validation": {"net/netip", "net/url"},
	"ratelimit":         {"net/netip"},
	"manifest":          {"net/netip"},
	"lint":              {"net/netip"},
	"overlay":           {"net/url"},
	"finding":           {"net/url"},
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
	"` + ours + `filetree"
)
var now = time.Now()
var _ = os.Args
`
	got := problemsIn(t, path.Join("plan", "x.go"), source, "plan", layers["plan"])
	want := []string{
		"plan is pure and must not import os",
		"plan must not import filetree",
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
	"io.ReadAll(":      {"filetree/bounded.go", "issuance/acme/wire.go", "issuance/dns01/rest.go", "issuance/responder/selfcheck.go", "internal/kubetest/body.go"},
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
				t.Errorf("%s: %s…) reads without a limit; see packages limits and filetree", file, call)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
