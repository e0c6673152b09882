package rotate

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// TestFlags: what a command line becomes, or why it is refused.
func TestFlags(t *testing.T) {
	type input struct {
		file, namespace string
		named, dryRun   bool
		gate, format    string
	}
	for _, tt := range []struct {
		args string
		want input
		err  string
	}{
		{args: "status", want: input{file: "rotation.yaml"}},
		{args: "status -f ca/r.yaml --gate drained -o wide", want: input{file: "ca/r.yaml", named: true, gate: "drained", format: "wide"}},
		{args: "status --cluster-resource-namespace pki -o jsonpath={.step}", want: input{file: "rotation.yaml", namespace: "pki", format: "jsonpath"}},
		{args: "status --gate open", err: `--gate "open": must be one of distributed, drained, done`},
		{args: "status -o name", err: `--output "name": must be one of json, yaml, wide, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file`},
		{args: "status -n shop", err: "this command does not use -n"},
		{args: "status x", err: `unexpected argument "x": status takes no arguments`},
		{args: "next --dry-run -f r.yaml", want: input{file: "r.yaml", named: true, dryRun: true}},
		{args: "next -n shop", err: "this command does not use -n"},
		{args: "next -o json", err: "unknown shorthand flag: 'o' in -o"},
	} {
		f := &cmdutil.Factory{Config: genericclioptions.NewConfigFlags(true)}
		var got *input
		of := func(o *Options) *input { return &input{file: o.File, named: o.Named, namespace: o.ResourceNamespace} }
		cmd := &cobra.Command{Use: "rotate", SilenceErrors: true, SilenceUsage: true}
		f.Config.AddFlags(cmd.PersistentFlags())
		cmd.AddCommand(
			NewStatusCmd(f, func(_ context.Context, o *StatusOptions) error {
				got = of(o.Rotation)
				got.gate, got.format = string(o.Gate), o.Output.Format()
				return nil
			}),
			NewNextCmd(f, func(_ context.Context, o *NextOptions) error {
				got = of(o.Rotation)
				got.dryRun = o.DryRun
				return nil
			}),
		)
		cmd.SetArgs(strings.Fields(tt.args))
		if err := cmd.Execute(); err != nil || tt.err != "" {
			if err == nil || err.Error() != tt.err || got != nil {
				t.Errorf("%q: error %v, want %s", tt.args, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(&tt.want, got, cmp.AllowUnexported(input{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
}

const rotationText = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Rotation
metadata: {name: corp}
old: [old.pem]
new: [new.pem]
bundle: roots.pem
locations: [configmap/shop/roots]
`

// beginning returns a rotation of which nothing has been done, in the working
// folder and in a cluster.
func beginning(t *testing.T) (f *cmdutil.Factory, out, messages *bytes.Buffer) {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Chdir(t.TempDir())
	old := string(catest.PEM(catest.Root("Old Root")))
	for name, content := range map[string]string{
		"rotation.yaml": rotationText, "old.pem": old, "roots.pem": old, "new.pem": string(catest.PEM(catest.Root("New Root"))),
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := kubetest.Start(t)
	client := kubernetes.NewForConfigOrDie(server.Config()).CoreV1()
	if _, err := client.Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	roots := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "roots"}, Data: map[string]string{"ca.crt": old}}
	if _, err := client.ConfigMaps("shop").Create(t.Context(), roots, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	out, messages = &bytes.Buffer{}, &bytes.Buffer{}
	f = &cmdutil.Factory{IO: iostreams.IO{Out: out, Err: messages}, Config: genericclioptions.NewConfigFlags(true)}
	*f.Config.APIServer = server.URL
	return f, out, messages
}

// TestRun: next adds the new CA to the bundle, once, and then waits for it to be
// distributed, which status says in each format.
func TestRun(t *testing.T) {
	f, out, messages := beginning(t)
	bundled := func() int {
		t.Helper()
		data, err := os.ReadFile("roots.pem")
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(data, []byte("BEGIN CERTIFICATE"))
	}
	said := func(err error) string {
		text := out.String() + "--\n" + messages.String()
		out.Reset()
		messages.Reset()
		if err != nil {
			text += "-- " + err.Error() + "\n"
		}
		return text
	}
	next := func(dryRun bool) string {
		o := &NextOptions{Rotation: newOptions(f), Locked: f.Locked, DryRun: dryRun}
		o.Rotation.File, o.Rotation.Program, o.Rotation.Now = rotation.UsualFile, "kubectl certs", catest.Date(2026, 11, 22)
		return said(RunNext(t.Context(), o))
	}
	status := func(format string) string {
		o := newStatusOptions(f)
		o.Output.Set(format)
		o.Gate = "distributed"
		o.Rotation.File, o.Rotation.Program, o.Rotation.Now = rotation.UsualFile, "kubectl certs", catest.Date(2026, 11, 22)
		return said(RunStatus(t.Context(), o))
	}
	check := func(what, got, want string, certificates int) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		if n := bundled(); n != certificates {
			t.Errorf("%s: %d certificates in the bundle, want %d", what, n, certificates)
		}
	}
	fresh := "CN=New Root, until 2036-01-01, sha256 " + pki.Fingerprint(catest.Root("New Root").Certificate)
	check("dry run", next(true), "roots.pem: + "+fresh+"\n--\ndry run: 1 file not written\n", 1)
	check("first edit", next(false), "roots.pem: + "+fresh+"\n--\nwrote 1 file; update the locations from roots.pem, deploy, then: kubectl certs trust rotate status\n", 2)
	check("nothing to edit", next(false), `add          done    CN=New Root is in roots.pem, beside CN=Old Root
distribute   now     every location has it, and every pod has read it (1 object left)
switch       later   no issuer signs with CN=Old Root
drain        later   nothing needs CN=Old Root
remove       later   CN=Old Root is removed from roots.pem
settle       later   no location and no pod has the old CA

configmap/shop/roots: lacks `+strings.Replace(fresh, ", until 2036-01-01", "", 1)+`
--
warning: no selected pod mounts any of the locations; other readers are unknown
next: update the locations from roots.pem, deploy, and restart the pods that have not read it
-- found
`, 2)
	check("status", status("jsonpath={.kind} {.name} {.step} {.gates.distributed} {.items[?(@.state==\"now\")].step} {.old[0].subject} {.new[0].subject}"), "RotationStepList corp distribute false distribute CN=Old Root CN=New Root--\ngate distributed is not open\n-- found\n", 2)
}
