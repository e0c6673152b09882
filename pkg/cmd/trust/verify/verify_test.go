package verify

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// parse returns what a command line becomes.
func parse(args string) (got *Options, err error) {
	f := &cmdutil.Factory{Config: genericclioptions.NewConfigFlags(true)}
	cmd := NewCmd(f, func(_ context.Context, o *Options) error { got = o; return nil })
	f.Config.AddFlags(cmd.Flags())
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(strings.Fields(args))
	err = cmd.Execute()
	return got, err
}

// TestFlags: what a command line becomes, or why it is refused.
func TestFlags(t *testing.T) {
	roots := []usage.Location{{Name: "roots"}}
	for _, tt := range []struct {
		args string
		want Options
		err  string
	}{
		{args: ""},
		{args: "-k overlays/prod -n shop --trust-namespace pki", want: Options{Namespace: "shop", TrustNamespace: "pki"}},
		{args: "-e prod -f x.yaml"},
		{args: "-k a -e prod", err: "-e cannot be used with -k"},
		{args: "-k a -f x.yaml", err: "-f cannot be used with -k"},
		{args: "a.pem b.pem --in roots", want: Options{Sources: []string{"a.pem", "b.pem"}, Locations: roots}},
		{args: "a.pem --in roots,configmap/*/ca:a.crt --in openshift", want: Options{Sources: []string{"a.pem"}, Locations: append(roots,
			usage.Location{Kind: "ConfigMap", Namespace: usage.Everywhere, Name: "ca", Key: "a.crt"}, usage.Location{Kind: usage.OpenShift})}},
		{args: "a.pem", err: "no location to compare with"},
		{args: "--in roots", err: "no source given"},
		{args: "--in roots,bundle/x -o json", err: "no source given"},
		{args: "a.pem --in roots -f x.yaml", err: "-f cannot be used with argument a.pem"},
		{args: "a.pem -k x", err: "-k cannot be used with argument a.pem"},
		{args: "--in roots -e x", err: "-e cannot be used with --in"},
		{args: "a.pem --in X --in y/z", err: "--in \"X\": " + forms + "\n--in \"y/z\": " + forms},
		{args: "a.pem --in roots -n shop", err: "-n cannot be used with argument a.pem"},
		{args: "-o table", err: `--output "table": must be one of json, yaml, name, wide, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file`},
	} {
		got, err := parse(tt.args)
		if err != nil || tt.err != "" {
			if err == nil || err.Error() != tt.err || got != nil {
				t.Errorf("%q: error %v, want %s", tt.args, err, tt.err)
			}
			continue
		}
		ignored := cmpopts.IgnoreFields(Options{}, "IO", "Limits", "Output", "Cluster", "Git", "Passwords")
		if diff := cmp.Diff(&tt.want, got, ignored, cmpopts.IgnoreUnexported(Options{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
}

const forms = "must be configmap/NAMESPACE/NAME[:KEY], secret/…, bundle/NAME, clusterbundle/NAME, clustertrustbundle/NAME, component/[NAMESPACE/]NAME, openshift, or the NAME of any of them"

// filled returns the factory of a cluster whose only ConfigMap has a CA.
func filled(t *testing.T, ca catest.Authority) (f *cmdutil.Factory, out, messages *bytes.Buffer) {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	server := kubetest.Start(t)
	client := kubernetes.NewForConfigOrDie(server.Config()).CoreV1()
	if _, err := client.Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	roots := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "roots"}, Data: map[string]string{"ca.crt": string(catest.PEM(ca))}}
	if _, err := client.ConfigMaps("shop").Create(t.Context(), roots, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	out, messages = &bytes.Buffer{}, &bytes.Buffer{}
	f = &cmdutil.Factory{IO: iostreams.IO{Out: out, Err: messages}, Config: genericclioptions.NewConfigFlags(true)}
	*f.Config.APIServer = server.URL
	return f, out, messages
}

// TestRunSources: two sources are both to be in every location.
func TestRunSources(t *testing.T) {
	old, fresh := catest.Root("Old Root"), catest.Root("New Root")
	f, out, messages := filled(t, old)
	dir := t.TempDir()
	oldFile, newFile := filepath.Join(dir, "old.pem"), filepath.Join(dir, "new.pem")
	for name, ca := range map[string]catest.Authority{oldFile: old, newFile: fresh} {
		if err := os.WriteFile(name, catest.PEM(ca), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lacks := "configmap/shop/roots: lacks CN=New Root, until 2036-01-01, sha256 " + pki.Fingerprint(fresh.Certificate)
	for _, tt := range []struct {
		format   string
		sources  []string
		out      string
		messages string
		err      error
	}{
		{"", []string{oldFile}, "LOCATION               CERTIFICATES   STATUS\nconfigmap/shop/roots   1              same\n", "1 certificate, 1 location: 1 same, 0 different\n", nil},
		{
			"", []string{oldFile, newFile},
			"LOCATION               CERTIFICATES   STATUS\nconfigmap/shop/roots   1              differs\n\n" + lacks + "\n",
			"2 certificates, 1 location: 0 same, 1 different\n", cmdutil.ErrFound,
		},
		{"name", []string{oldFile}, "configmap/roots\n", "1 certificate, 1 location: 1 same, 0 different\n", nil},
		{
			"jsonpath={.kind} {.items[0].location} {.items[0].missing[0].subject} {.certificates[*].subject}", []string{oldFile, newFile},
			"TrustComparisonList configmap/shop/roots CN=New Root CN=New Root CN=Old Root", "2 certificates, 1 location: 0 same, 1 different\n", cmdutil.ErrFound,
		},
	} {
		out.Reset()
		messages.Reset()
		o := newOptions(f)
		o.Output.Set(tt.format)
		o.Sources, o.Locations = tt.sources, []usage.Location{{Kind: "ConfigMap", Namespace: "shop", Name: "roots"}}
		if err := Run(t.Context(), o); err != tt.err {
			t.Errorf("-o %q: %v", tt.format, err)
		}
		if diff := cmp.Diff(tt.out, out.String()); diff != "" {
			t.Errorf("-o %q (-want +got):\n%s", tt.format, diff)
		}
		if diff := cmp.Diff(tt.messages, messages.String()); diff != "" {
			t.Errorf("-o %q, messages (-want +got):\n%s", tt.format, diff)
		}
	}
}

// TestRunGit: each key of an object in Git is a location; without any, and
// without certs.yaml, nothing is compared.
func TestRunGit(t *testing.T) {
	old := catest.Root("Old Root")
	f, out, _ := filled(t, old)
	roots := manifest.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "shop", "name": "roots"},
		"data": map[string]any{"ca.crt": string(catest.PEM(old)), "note": "text"}}
	wide := "LOCATION                      CERTIFICATES   STATUS   MISSING   EXTRA   CHANGED\nconfigmap/shop/roots:ca.crt   1              same     0         0       "
	missing := errors.New("no certs.yaml")
	for name, tt := range map[string]struct {
		target project.Target
		err    error
		out    string
		want   string
	}{
		"a ConfigMap":       {target: project.Target{Objects: []manifest.Object{roots}}, out: wide},
		"nothing about CAs": {want: "no trust target in the cluster is declared"},
		"an error":          {err: missing, want: missing.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			out.Reset()
			o := newOptions(f)
			o.Output.Set("wide")
			o.Git = func(context.Context) (project.Target, error) { return tt.target, tt.err }
			got := ""
			if err := Run(t.Context(), o); err != nil {
				got = err.Error()
			}
			if got != tt.want || !strings.HasPrefix(out.String(), tt.out) {
				t.Errorf("error %q, want %q; prints\n%s", got, tt.want, out)
			}
		})
	}
}
