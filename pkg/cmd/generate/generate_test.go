package generate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

func TestFlags(t *testing.T) {
	type flags struct {
		Environment, Format  string
		DryRun, Check, Force bool
		writes               bool
	}
	for _, test := range []struct {
		args []string
		want flags
		err  string
	}{
		{args: nil, want: flags{writes: true}},
		{args: []string{"--force"}, want: flags{Force: true, writes: true}},
		{args: []string{"--check"}, want: flags{Check: true}},
		{args: []string{"--dry-run", "--force"}, want: flags{DryRun: true, Force: true}},
		{args: []string{"-e", "prod", "-o", "yaml"}, want: flags{Environment: "prod", Format: "yaml"}},
		{args: []string{"--template", "{{.kind}}"}, want: flags{Format: "go-template"}},
		{args: []string{"-e", "prod"}, err: "-e needs -o or --template"},
		{args: []string{"--check", "--dry-run"}, err: "--dry-run cannot be used with --check"},
		{args: []string{"--check", "-o", "name"}, err: "--check cannot be used with -o"},
		{args: []string{"-o", "wide"}, err: `--output "wide": must be one of json, yaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file`},
		{args: []string{"x"}, err: `unexpected argument "x": generate takes no arguments`},
	} {
		var got flags
		cmd := NewCmd(&cmdutil.Factory{}, func(_ context.Context, o *Options) error {
			got = flags{o.Project.Environment, o.Output.Format(), o.DryRun, o.Check, o.Force, o.writes()}
			return nil
		})
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(test.args)
		text := ""
		if err := cmd.Execute(); err != nil {
			text = err.Error()
		}
		if text != test.err {
			t.Errorf("%q: error %q, want %q", test.args, text, test.err)
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(flags{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

const certs = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
issuers: [{name: web, ca: {secretName: ca}}]
certificates: [{name: own, namespace: shop, issuer: web, dnsNames: [own.example.com]}]
`

// session is a folder in which the command runs several times.
type session struct {
	dir    string
	locked bool // in the last run
}

func (s *session) run(t *testing.T, o Options) (out, errs string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	o.IO = iostreams.IO{Out: &stdout, Err: &stderr}
	if o.Output == nil {
		o.Output = output.ForObjects()
	}
	o.Open = func(ctx context.Context) (*project.Project, error) {
		return project.Open(ctx, project.Options{File: filepath.Join(s.dir, "certs.yaml"), Named: true, Now: time.Now()})
	}
	s.locked = false
	o.Locked = func(_ context.Context, run func() error) error { s.locked = true; return run() }
	err = Run(t.Context(), &o)
	return stdout.String(), stderr.String(), err
}

// files is a tree in the output, with what is said of each file.
func files(what string) string {
	pad := func(name string) string { return name + strings.Repeat(" ", 38-len(name)) }
	const references = "   lets kustomize rename referenced objects\n"
	return pad("base/apps/certificate-own.yaml") + what + "   own.example.com in Secret own\n" +
		pad("base/apps/kustomization.yaml") + what + "\n" +
		pad("base/apps/name-references.yaml") + what + references +
		pad("base/cluster/clusterissuer-web.yaml") + what + "   CA in Secret ca\n" +
		pad("base/cluster/kustomization.yaml") + what + "\n" +
		pad("base/cluster/name-references.yaml") + what + references +
		pad("overlays/default/kustomization.yaml") + what + "\n"
}

// TestRun: the tree is written under a lock, and only compared or printed without
// one. Files that were edited by hand stay.
func TestRun(t *testing.T) {
	s := &session{dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(s.dir, "certs.yaml"), []byte(certs), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		built = "build check: default 2 objects\n"
		own   = "base/apps/certificate-own.yaml   %s   own.example.com in Secret own\n"
	)
	names := output.ForObjects()
	names.Set(output.Name)
	for _, step := range []struct {
		name      string
		options   Options
		edit      bool // a file before the step
		out, errs string
		err       error
		locked    bool
	}{
		{name: "print", options: Options{Output: names}, out: "clusterissuer.cert-manager.io/web\ncertificate.cert-manager.io/own\n"},
		{name: "check of nothing", options: Options{Check: true}, out: files("missing"), errs: "out of date: 7 files\n", err: cmdutil.ErrFound},
		{name: "dry run", options: Options{DryRun: true}, out: files("created"), errs: "dry run, nothing written: 7 files created\n" + built},
		{name: "write", out: files("created"), errs: "7 files created\n" + built, locked: true},
		{name: "write again", errs: "nothing to do: 7 files up to date\n" + built, locked: true},
		{name: "check", options: Options{Check: true}, errs: "up to date: 7 files\n"},
		{name: "edited", edit: true, locked: true, err: cmdutil.ErrFound,
			errs: "kept base/apps/certificate-own.yaml: edited after it was generated\n1 file kept\n" + built +
				"hint: run with --force --dry-run to see what would be overwritten, or move the edits to certs.yaml\n"},
		{name: "check of edits", options: Options{Check: true}, err: cmdutil.ErrFound,
			out: "base/apps/certificate-own.yaml   edited   edited after it was generated\n", errs: "out of date: 1 file\n"},
		{name: "force", options: Options{Force: true}, out: fmt.Sprintf(own, "updated"), errs: "1 file updated\n" + built, locked: true},
	} {
		if step.edit {
			edit(t, filepath.Join(s.dir, "base", "apps", "certificate-own.yaml"))
		}
		out, errs, err := s.run(t, step.options)
		if diff := cmp.Diff(step.out+"\n"+step.errs, out+"\n"+errs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		if !errors.Is(err, step.err) || s.locked != step.locked {
			t.Errorf("%s: error %v, locked %t", step.name, err, s.locked)
		}
	}
}

func edit(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, "# mine\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestManyFiles: more files than help are counted by folder.
func TestManyFiles(t *testing.T) {
	var update overlay.Update
	for i := range manyFiles + 1 {
		update.Changes = append(update.Changes, overlay.Change{Path: fmt.Sprintf("base/apps/%d.yaml", i), Action: overlay.Created, Notes: []string{"one", "two"}})
	}
	update.Changes = append(update.Changes, overlay.Change{Path: "base/apps/old.yaml", Action: overlay.Deleted}, overlay.Change{Path: "base/apps/same.yaml", Action: overlay.Unchanged})
	var out, errs bytes.Buffer
	o := &Options{IO: iostreams.IO{Out: &out, Err: &errs, Color: true}}
	if err := reportUpdate(o, update, nil); err != nil {
		t.Fatal(err)
	}
	want := "base/apps/   41 files created   82 objects\nbase/apps/   1 file deleted     0 objects\n41 files created, 1 file deleted\n"
	if diff := cmp.Diff(want, out.String()+errs.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
