package cmd

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// hostile is what others may write into any text that is shown: colours of ours
// and other sequences, C1, DEL, bidirectional controls, zero-width and tag
// characters, separators, and a line of its own.
const hostile = "MARK\x1b[31m\x1b]0;t\a\u009b31m\x7f\r\u202e\u2066\u200f\u061c\u200b\ufeff\u00ad\u2028\U000e0041\nINJECTED"

// quoted is a text as JSON and YAML have it in double quotes.
func quoted(text string) string {
	data, err := printable.JSON(text)
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(strings.TrimSpace(string(data)), `\udb40\udc41`, `\U000E0041`)
}

// hostileCase is a run of a command that shows hostile text.
type hostileCase struct {
	args  []string
	stdin string
	// decode is yaml or json where the output must hold the text itself.
	decode string
}

// hostileCommands are the runs of each command; of one without any the reason
// why it shows nothing of others.
func hostileCommands(t *testing.T) (runs map[string][]hostileCase, none map[string]string) {
	run := func(args ...string) hostileCase { return hostileCase{args: args} }
	decoded := func(format string, args ...string) hostileCase { return hostileCase{args: args, decode: format} }
	named := hostile + ".yaml"
	server := refusingServer(t)
	live := func(args ...string) hostileCase { return run(append(args, "--kubeconfig", server)...) }
	runs = map[string][]hostileCase{
		"generate": {
			run("-f", named), run("-f", "wrong.yaml"), run("-f", "broken.yaml"), run("-f", "edited/certs.yaml"),
			run("-f", "certs.yaml", "-e", hostile, "-o", "yaml"), run("-o", hostile),
			decoded("yaml", "-f", "freeform.yaml", "-o", "yaml"), decoded("json", "-f", "freeform.yaml", "-o", "json"),
			run("-f", "bundle.yaml", "-d", "x"), run("--" + hostile),
		},
		"diff": {
			run("empty.yaml", "hostile.yaml"), run("empty.yaml", "hostile.yaml", "--summary"), run("empty.yaml", "hostile.yaml", "--color", "never"),
			decoded("json", "empty.yaml", "hostile.yaml", "-o", "json"), run("empty.yaml", "hostile.yaml", "-o", "markdown"),
			run("empty.yaml", named), run("empty.yaml", "git:"+hostile+":x"), run("empty.yaml", "kustomize"), run("-f", "wrong.yaml"), live("--live", "-f", "freeform.yaml"),
		},
		"lint": {
			run("hostile.yaml"), run("hostile.yaml", "-o", "wide"), run("hostile.yaml", "-o", "github"), decoded("json", "hostile.yaml", "-o", "json"),
			decoded("yaml", "hostile.yaml", "-o", "yaml"), run(named), run("-f", "wrong.yaml"), run("wrong.yaml"), run("kustomize"), run("git:" + hostile + ":x"),
			run("-f", "bundle.yaml"), run("-f", "certs.yaml", "-e", hostile), run("--explain", hostile), run("--allow", hostile), run("folder"),
			{args: []string{"-"}, stdin: "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: " + quoted(hostile) + "}\nspec: {}\n"},
		},
		"apply":  {run("-f", named), run("-f", "wrong.yaml"), run("-k", hostile), live("-f", "freeform.yaml"), run("-f", "certs.yaml", "--context", hostile), run("--dry-run", hostile)},
		"run":    {live("-f", named, "--once"), live("-f", "wrong.yaml", "--once"), live("-k", hostile, "--once"), live("--once"), live("--once", "--dry-run"), run("--once", "--context", hostile), run("--dry-run", "-o", hostile)},
		"renew":  {live(hostile), live("x"), run("x", "--context", hostile)},
		"status": {live("-f", named), live("-f", "wrong.yaml"), live("-k", hostile), live(), run("--context", hostile), run("-o", hostile)},
		"trust inspect": {
			run("roots.pem"), run("roots.pem", "-o", "wide"), run("roots.pem", "-o", "json"), run("roots.pem", "-o", "yaml"), run(named), run("secret.yaml"), run("secret.yaml", "-o", "json"),
			run("folder"), run(filepath.Join("folder", hostile+".pem")), run(hostile + "*"), run(hostile + "://x"), run("roots.pem", "--target", hostile),
		},
		"trust bundle": {run("roots.pem"), run("roots.pem", "-o", "json"), run(named), run("folder"), run("roots.pem", "--pin", hostile)},
		"trust aks create": {
			run("--ca-file", "roots.pem", "--name", hostile, "-g", "g"), run("--ca-file", "roots.pem", "--name", "n", "-g", hostile), run("--ca-file", named, "--name", "n", "-g", "g"),
			run("--ca-file", "roots.pem", "--name", "n", "-g", "g", "-o", hostile),
		},
		"trust aks disable":         {run("-g", hostile, "--name", "n", "--nodepool", "p")},
		"trust aks enable":          {run("--ca-file", named, "--name", "n", "-g", "g")},
		"trust aks nodepool-add":    {run("--name", hostile, "-g", "g", "--nodepool", "p")},
		"trust aks nodepool-update": {run("--ca-file", named, "--name", "n", "-g", "g", "--nodepool", "p")},
		"trust aks update":          {run("--ca-file", named, "--name", "n", "-g", "g")},
		"trust usage":               {live("roots.pem"), run(named), run(hostile), run("roots.pem", "--context", hostile), run("roots.pem", "-o", hostile)},
		"trust verify":              {live("roots.pem", "--in", "configmap/x/y"), run("roots.pem", "--in", hostile), run(named, "--in", "x"), run("-f", "wrong.yaml"), run("roots.pem", "--in", "x", "--context", hostile)},
		"trust rotate status":       {run("-f", named), run("-f", "rotation.yaml"), live("-f", "good-rotation.yaml")},
		"trust rotate next":         {run("-f", named), run("-f", "rotation.yaml"), live("-f", "good-rotation.yaml")},
		"completion":                {run(hostile)},
		"dns-provider":              {run(hostile)},
		"version":                   {run("-o", hostile)},
	}
	none = map[string]string{
		"schema":  "prints the schema of this version",
		"options": "prints the flags of this version",
	}
	return runs, none
}

// TestHostileText: whatever others write, no command prints a character that a
// terminal obeys or hides, nor lets it begin a line.
func TestHostileText(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files cannot have such names")
	}
	t.Chdir(hostileFiles(t))
	if text, err := exec.Command("git", "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	runs, none := hostileCommands(t)
	seen := map[string]bool{}
	for _, command := range leaves(newRootCmd(&cmdutil.Factory{}, "kubectl-certs")) {
		name := strings.TrimPrefix(command.CommandPath(), "kubectl-certs ")
		seen[name] = true
		if len(runs[name]) == 0 && none[name] == "" {
			t.Errorf("%s: no run shows hostile text", name)
		}
		for _, c := range runs[name] {
			t.Run(fmt.Sprintf("%s %s", name, printable.Line(strings.ReplaceAll(strings.Join(c.args, " "), hostile, "MARK"))), func(t *testing.T) {
				c.args = append(strings.Fields(name), c.args...)
				c.check(t)
			})
		}
	}
	for name := range runs {
		if !seen[name] {
			t.Errorf("there is no command %s", name)
		}
	}
}

func (c hostileCase) check(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, talk bytes.Buffer
	code := Main(ctx, iostreams.IO{In: strings.NewReader(c.stdin), Out: &out, Err: &talk}, "v0.0.0-test", append([]string{"kubectl-certs"}, c.args...))
	both := out.String() + talk.String()
	if !strings.Contains(both, "MARK") {
		t.Errorf("exit code %d, does not show the text:\n%s", code, both)
	}
	for line := range strings.Lines(both) {
		if strings.HasPrefix(line, "INJECTED") {
			t.Errorf("a text begins a line of its own:\n%s", both)
		}
	}
	if i := strings.IndexFunc(both, func(r rune) bool { return r != '\n' && r != '\t' && printable.IsUnsafe(r) }); i >= 0 {
		t.Errorf("%q is printed: %q", both[i:min(len(both), i+8)], both)
	}
	var colored bytes.Buffer
	Main(ctx, iostreams.IO{In: strings.NewReader(c.stdin), Out: &colored, Err: &colored, Color: true}, "v0.0.0-test", append([]string{"kubectl-certs"}, c.args...))
	if strings.Contains(colored.String(), "MARK\x1b[31m") {
		t.Errorf("a colour of the text is printed:\n%q", &colored)
	}
	if c.decode != "" && !holds(t, c.decode, out.Bytes()) {
		t.Errorf("the text is not in the %s:\n%s", c.decode, &out)
	}
}

// holds reports whether a document has the hostile text as it is.
func holds(t *testing.T, format string, data []byte) bool {
	t.Helper()
	var value any
	var err error
	if format == "json" {
		err = json.Unmarshal(data, &value)
	} else {
		dec := yaml.NewDecoder(bytes.NewReader(data))
		for err == nil {
			var doc any
			if err = dec.Decode(&doc); err == nil {
				value = []any{value, doc}
			}
		}
		err = nil
	}
	if err != nil {
		t.Fatalf("%v:\n%s", err, data)
	}
	return slices.ContainsFunc(textsIn(value), func(s string) bool { return strings.Contains(s, hostile) })
}

func textsIn(v any) (list []string) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			list = append(append(list, key), textsIn(value)...)
		}
	case []any:
		for _, item := range v {
			list = append(list, textsIn(item)...)
		}
	case string:
		return []string{v}
	}
	return list
}

// leaves are the commands that do something.
func leaves(cmd *cobra.Command) []*cobra.Command {
	if !cmd.HasSubCommands() {
		return []*cobra.Command{cmd}
	}
	var all []*cobra.Command
	for _, sub := range cmd.Commands() {
		all = append(all, leaves(sub)...)
	}
	return all
}

// refusingServer answers each request with an error whose message is hostile. It
// returns the kubeconfig.
func refusingServer(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, hostile, http.StatusForbidden)
	}))
	t.Cleanup(server.Close)
	config := filepath.Join(t.TempDir(), "kubeconfig")
	put(t, config, "apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: [{name: x, context: {cluster: x, user: x}}]\n"+
		"clusters: [{name: x, cluster: {server: "+server.URL+"}}]\nusers: [{name: x, user: {token: t}}]\n")
	return config
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// hostileFiles returns a folder with the files that the runs name.
func hostileFiles(t *testing.T) string {
	dir, text := t.TempDir(), quoted(hostile)
	cert := hostileCertificate(t)
	const head = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"
	files := map[string]string{
		"certs.yaml":    head + "issuers: [{name: a, ca: {secretName: ca}}]\n",
		"wrong.yaml":    head + "issuers: [{name: " + text + "}]\n" + text + ": 1\n",
		"broken.yaml":   head + "issuers: *" + "MARK\n",
		"bundle.yaml":   head + "trust: [{name: corp, from: [roots.pem, " + text + "], to: {configmap: {}}}]\n",
		"freeform.yaml": head + "issuers:\n- name: a\n  acme:\n    server: letsencrypt\n    solvers: [{dns01: {webhook: {groupName: a.example.com, solverName: b, config: {" + text + ": " + text + "}}}}]\n",
		"empty.yaml":    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
		"roots.pem":     "# " + strings.ReplaceAll(hostile, "\n", " ") + "\n" + cert,
		"secret.yaml":   "apiVersion: v1\nkind: Secret\nmetadata: {name: " + text + ", namespace: " + text + "}\nstringData: {" + text + ": " + quoted(cert) + ", ca.crt: " + quoted(cert[:len(cert)-40]) + "}\n",
		"hostile.yaml": "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: " + text + ", labels: {" + text + ": " + text + "}, annotations: {a: " + text + "}}\n" +
			"spec: {acme: {server: \"https://acme-v02.api.letsencrypt.org/directory\", email: " + text + ", profile: " + text + ", privateKeySecretRef: {name: x}, solvers: [{http01: {ingress: {}}}]}}\n" +
			"---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + text + ", namespace: " + text + ", annotations: {cert-manager.io/cluster-issuer: " + text + "}}\n" +
			"spec: {rules: [{host: " + text + "}], tls: [{hosts: [" + text + "], secretName: " + text + "}]}\n",
		"kustomize/kustomization.yaml":       "resources: [" + text + "]\nnamePrefix: x-\n",
		"folder/" + hostile + ".pem":         cert[:len(cert)-40],
		"folder/" + hostile + "/skip.txt":    "nothing",
		"folder/" + hostile + "-broken.yaml": "apiVersion: v1\nkind: Secret\nmetadata: [\n",
		"rotation.yaml":                      "apiVersion: kubectl-certs.dev/v1alpha1\nkind: " + text + "\n" + text + ": x\n",
		"good-rotation.yaml":                 "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: x}\nold: [roots.pem]\nnew: [new.pem]\nbundle: b.pem\nlocations: [x]\n",
		"new.pem":                            hostileCertificate(t),
	}
	for name, content := range files {
		put(t, filepath.Join(dir, name), content)
	}
	// A tree with a file that was edited by hand, in a folder of a hostile name.
	put(t, filepath.Join(dir, "edited/certs.yaml"), files["certs.yaml"])
	put(t, filepath.Join(dir, "edited/overlays", hostile, "x.yaml"), "# Generated by kubectl certs from certs.yaml; edit that file instead.\n# sha256:0000\na: b\n")
	return dir
}

// hostileCertificate is a CA whose names are hostile.
func hostileCertificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: hostile, Organization: []string{hostile}},
		DNSNames:  []string{"MARK\x1b[31m\r\nINJECTED"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(20 * 365 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
