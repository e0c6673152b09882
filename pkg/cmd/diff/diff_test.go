package diff

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

func TestFlags(t *testing.T) {
	type flags struct {
		Operands                    []string
		Live, Prune, Summary, Color bool
		Format, Set, Kustomize      string
	}
	for _, test := range []struct {
		args []string
		want flags
		err  string
	}{
		{args: nil, want: flags{}},
		{args: []string{"a", "-", "--summary", "--color", "always"}, want: flags{Operands: []string{"a", "-"}, Summary: true, Color: true}},
		{args: []string{"-o", "json", "--color", "never"}, want: flags{Format: "json"}},
		{args: []string{"--live", "--prune", "-k", "o", "--set", "s"}, want: flags{Live: true, Prune: true, Kustomize: "o", Set: "s"}},
		{args: []string{"a"}, err: "diff takes two operands or none, not 1"},
		{args: []string{"-", "-"}, err: "stdin can be one side only"},
		{args: []string{"--live", "a", "b"}, err: "--live cannot be used with argument a"},
		{args: []string{"--prune"}, err: "--prune needs --live"},
		{args: []string{"-k", "o"}, err: "-k needs --live"},
		{args: []string{"-R"}, err: "-R needs --live"},
		{args: []string{"--live", "-f", "a", "-k", "o"}, err: "-f cannot be used with -k"},
		{args: []string{"--set", "s"}, err: "--set needs --live"},
		{args: []string{"--summary", "-o", "markdown"}, err: "--summary cannot be used with -o markdown"},
		{args: []string{"-o", "json", "--color", "always"}, err: "--color cannot be used with -o json"},
		{args: []string{"a", "b", "-d", "c"}, err: "-d cannot be used with argument a"},
		{args: []string{"--live", "-d", "c"}, err: "-d cannot be used with --live"},
		{args: []string{"--live", "--set", "s"}, err: "--set needs --prune"},
		{args: []string{"-o", "yaml"}, err: `--output "yaml": must be one of text, json, markdown`},
		{args: []string{"--color", "red"}, err: `--color "red": must be one of auto, always, never`},
	} {
		var got flags
		cmd := NewCmd(&cmdutil.Factory{}, func(_ context.Context, o *Options) error {
			got = flags{o.Operands, o.Live, o.Target.Prune, o.Summary, o.IO.Color, o.Output.Format(), o.Target.Set, o.Target.Kustomize}
			return nil
		})
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(append([]string{}, test.args...))
		text := ""
		if err := cmd.Execute(); err != nil {
			text = err.Error()
		}
		if text != test.err {
			t.Errorf("%q: error %q, want %q", test.args, text, test.err)
		}
		if len(got.Operands) == 0 {
			got.Operands = nil
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

const (
	before = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {x: \"1\"}}\n"
	after  = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {x: \"2\"}}\n"
)

// TestOperands: two files are compared in each format. What was found is on
// stdout, how much on stderr, and the error says that something was.
func TestOperands(t *testing.T) {
	dir := t.TempDir()
	old, new := filepath.Join(dir, "old.yaml"), filepath.Join(dir, "new.yaml")
	for file, text := range map[string]string{old: before, new: after} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		operands  []string
		stdin     string
		format    string
		summary   bool
		out, errs string
		err       error
	}{
		{operands: []string{old, old}, errs: "no differences\n"},
		{operands: []string{old, "-"}, stdin: after, summary: true, err: cmdutil.ErrFound,
			out: "~ changed   ConfigMap/shop/a   +1 -1\n", errs: "1 object differs: 1 changed\n"},
		{operands: []string{old, new}, format: output.JSON, err: cmdutil.ErrFound, out: `{
  "apiVersion": "kubectl-certs.dev/v1alpha1",
  "items": [
    {
      "action": "changed",
      "apiVersion": "v1",
      "kind": "ConfigMap",
      "namespace": "shop",
      "name": "a",
      "adds": 1,
      "dels": 1,
      "fields": [
        {
          "path": "data.x",
          "action": "changed",
          "old": "1",
          "new": "2"
        }
      ],
      "diff": "@@ -1,6 +1,6 @@\n apiVersion: v1\n data:\n-  x: \"1\"\n+  x: \"2\"\n kind: ConfigMap\n metadata:\n   name: a\n"
    }
  ],
  "kind": "ObjectDiffList",
  "summary": {
    "added": 0,
    "changed": 1,
    "removed": 0
  }
}
`},
	} {
		var out, errs bytes.Buffer
		o := &Options{
			IO:     iostreams.IO{In: strings.NewReader(test.stdin), Out: &out, Err: &errs},
			Output: output.ForDiffs(), Operands: test.operands, Summary: test.summary,
		}
		o.Output.Set(test.format)
		if err := Run(t.Context(), o); !errors.Is(err, test.err) {
			t.Errorf("%q: error %v, want %v", test.operands, err, test.err)
		}
		if diff := cmp.Diff(test.out+test.errs, out.String()+errs.String()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.operands, diff)
		}
	}
}

// TestTree: files without objects are reported too, and so are edits that
// generate would keep.
func TestTree(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "certs.yaml")
	certs := "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers: [{name: web, ca: {secretName: ca}}]\n"
	if err := os.WriteFile(file, []byte(certs), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(ctx context.Context) (*project.Project, error) {
		return project.Open(ctx, project.Options{File: file, Named: true, Now: time.Now()})
	}
	var out, errs bytes.Buffer
	o := &Options{IO: iostreams.IO{Out: &out, Err: &errs}, Output: output.ForDiffs(), Summary: true, Open: open}
	if err := Run(t.Context(), o); !errors.Is(err, cmdutil.ErrFound) {
		t.Error(err)
	}
	p, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := p.Tree()
	if err != nil {
		t.Fatal(err)
	}
	update, err := tree.Update(false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Write(update); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), o); err != nil {
		t.Error("a tree that was just written differs: ", err)
	}
	issuer := filepath.Join(dir, "base", "cluster", "clusterissuer-web.yaml")
	text, err := os.ReadFile(issuer)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(issuer, bytes.ReplaceAll(text, []byte("secretName: ca"), []byte("secretName: mine")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), o); !errors.Is(err, cmdutil.ErrFound) {
		t.Error(err)
	}
	want := "+ added   ClusterIssuer/web   +7 -0   overlays/default\n~ changed   ClusterIssuer/web   +1 -1   overlays/default\n" +
		"1 object differs: 1 added\nno differences\n1 object differs: 1 changed\n" +
		"note: base/cluster/clusterissuer-web.yaml was edited by hand; generate keeps it unless --force is given\n"
	if diff := cmp.Diff(want, out.String()+errs.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
