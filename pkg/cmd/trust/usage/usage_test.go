package usage

import (
	"bytes"
	"context"
	"crypto/x509"
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

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// TestFlags: what a command line becomes, or why it is refused.
func TestFlags(t *testing.T) {
	sum := strings.Repeat("AB:", 31) + "ab"
	pin, err := cabundle.ParsePin("sha256:" + sum)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		want Options
		err  string
	}{
		{args: "", err: "no CA given"},
		{args: "a.pem", want: Options{Sources: []string{"a.pem"}}},
		{args: "a.pem " + sum + " b.pem", want: Options{Sources: []string{"a.pem", "b.pem"}, Fingerprints: []cabundle.Pin{pin}}},
		{args: "a.pem --also-trusted b.pem,c.pem --also-trusted d.pem", want: Options{Sources: []string{"a.pem"}, AlsoTrusted: []string{"b.pem", "c.pem", "d.pem"}}},
		{args: "a.pem -n shop --cluster-resource-namespace pki", want: Options{Sources: []string{"a.pem"}, Namespace: "shop", ResourceNamespace: "pki"}},
		{args: "a.pem -A", want: Options{Sources: []string{"a.pem"}, AllNamespaces: true}},
		{args: "a.pem -A -n shop", err: "-n cannot be used with -A"},
		{args: "a.pem -o sarif", err: `--output "sarif": must be one of json, yaml, name, wide, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file`},
		{args: "a.pem --with b.pem", err: "unknown flag: --with"},
	} {
		f := &cmdutil.Factory{Config: genericclioptions.NewConfigFlags(true)}
		var got *Options
		cmd := NewCmd(f, func(_ context.Context, o *Options) error { got = o; return nil })
		f.Config.AddFlags(cmd.Flags())
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(strings.Fields(tt.args))
		if err := cmd.Execute(); err != nil || tt.err != "" {
			if err == nil || err.Error() != tt.err || got != nil {
				t.Errorf("%q: error %v, want %s", tt.args, err, tt.err)
			}
			continue
		}
		ignored := cmpopts.IgnoreFields(Options{}, "IO", "Limits", "Output", "Cluster", "Public", "Now", "Passwords")
		if diff := cmp.Diff(&tt.want, got, ignored); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
}

// filled returns the streams and the factory of a cluster with a CA's ConfigMap,
// what the CA signed, and a certificate of another CA that is not known.
func filled(t *testing.T, old catest.Authority) (f *cmdutil.Factory, out, messages *bytes.Buffer) {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	server := kubetest.Start(t)
	client := kubernetes.NewForConfigOrDie(server.Config())
	if _, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, leaf := range map[string]*x509.Certificate{"web": old.Leaf("web.example.com"), "odd": catest.Root("Other Root").Below("Issuing").Leaf("odd.example.com")} {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}, Type: corev1.SecretTypeTLS,
			Data: map[string][]byte{"tls.crt": catest.PEM(leaf), "tls.key": []byte("key")},
		}
		if _, err := client.CoreV1().Secrets("shop").Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	roots := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "roots"}, Data: map[string]string{"ca.crt": string(catest.PEM(old))}}
	if _, err := client.CoreV1().ConfigMaps("shop").Create(t.Context(), roots, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	out, messages = &bytes.Buffer{}, &bytes.Buffer{}
	f = &cmdutil.Factory{IO: iostreams.IO{Out: out, Err: messages}, Config: genericclioptions.NewConfigFlags(true)}
	*f.Config.APIServer = server.URL
	return f, out, messages
}

// TestRun: what needs a CA in each format, and what is said of the rest.
func TestRun(t *testing.T) {
	const note = "note: this machine has no public CAs, so certificates of public CAs cannot be recognized\n"
	old := catest.Root("Old Root")
	f, out, messages := filled(t, old)
	for _, tt := range []struct {
		format   string
		out      string
		messages string
	}{
		{
			"",
			"NAMESPACE   SECRET   CERTIFICATE       EXPIRES   CHAIN         USED-BY\nshop        web      web.example.com   40d       CN=Old Root   -\n",
			note + "CN=Old Root, until 2036-01-01, sha256 " + pki.Fingerprint(old.Certificate) + "\n1 Secret needs it\nnot counted (-o wide lists them): 1 trusts it\n" +
				"unknown: secret/shop/odd: tls.crt: the chain of odd.example.com ends at CN=Issuing, which is unknown\n",
		},
		{"name", "secret/web\n", note},
		{"jsonpath={.kind} {.items[*].name} {.needed} {.doubts[*].name} {.cas[0].subject}", "CAUseList roots web true odd CN=Old Root", note},
		{"custom-columns=N:.name,NEEDS:.needs", "N       NEEDS\nroots   false\nweb     true\n", note},
	} {
		out.Reset()
		messages.Reset()
		o := newOptions(f)
		o.Now, o.Public = catest.Date(2026, 11, 22), func() *x509.CertPool { return nil }
		o.Output.Set(tt.format)
		o.Sources = []string{filepath.Join(t.TempDir(), "old.pem")}
		if err := os.WriteFile(o.Sources[0], catest.PEM(old), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Run(t.Context(), o); err != cmdutil.ErrFound {
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
