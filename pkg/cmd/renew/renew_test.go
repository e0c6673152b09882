package renew

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

func TestArguments(t *testing.T) {
	const forms = "kubectl certs renew cafe-tls, secret/cafe-tls or cafe.example.com; -n names the namespace"
	for args, want := range map[string]struct {
		names []Name
		err   string
		hint  string
	}{
		"web-tls":             {names: []Name{{"web-tls", false}}},
		"web-tls *.a.example": {names: []Name{{"web-tls", false}, {"*.a.example", false}}},
		"secret/web-tls":      {names: []Name{{"web-tls", true}}},
		"Secrets/web-tls":     {names: []Name{{"web-tls", true}}},
		"secret/":             {err: `invalid argument "secret/": renew takes TLS Secrets and hosts`, hint: forms},
		"ingress/web":         {err: `invalid argument "ingress/web": renew takes TLS Secrets and hosts`, hint: forms},
		"":                    {err: "no Secret or host given", hint: "kubectl certs status lists the Secrets and their hosts"},
	} {
		var got []Name
		cmd := NewCmd(&cmdutil.Factory{}, func(_ context.Context, o *Options) error {
			got = o.Names
			return nil
		})
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(strings.Fields(args))
		text, err := "", cmd.ExecuteContext(t.Context())
		if err != nil {
			text = err.Error()
		}
		advice, _ := hint.Of(err)
		if diff := cmp.Diff(want.names, got); diff != "" || text != want.err || advice != want.hint {
			t.Errorf("%q: error %q, hint %q; (-want +got):\n%s", args, text, advice, diff)
		}
	}
}

// TestRun: every Secret is tried, and those that cannot be renewed are errors.
func TestRun(t *testing.T) {
	server := kubetest.Start(t)
	secrets := typedcorev1.NewForConfigOrDie(server.Config()).Secrets("default")
	_, err := secrets.Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "web-tls", Annotations: map[string]string{
			"cert-manager.io/issuer-name": "web", "cert-manager.io/issuer-kind": "ClusterIssuer", "cert-manager.io/issuer-group": "cert-manager.io",
		}},
		Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{"tls.crt": []byte("-"), "tls.key": []byte("-")},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out, messages bytes.Buffer
	o := &Options{IO: iostreams.IO{Out: &out, Err: &messages}, Namespace: inDefault, Names: []Name{{Text: "lost-tls"}, {Text: "web-tls"}}}
	o.Operator = func(ctx context.Context) (*operator.Operator, error) { return operatorOf(ctx, server.URL) }
	err = Run(t.Context(), o)
	if want := "secret default/lost-tls not found; if a certificate is requested for it, kubectl certs run --once issues it"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if diff := cmp.Diff("secret/web-tls renewal requested\n", out.String()+messages.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	marked, err := secrets.Get(t.Context(), "web-tls", metav1.GetOptions{})
	if err != nil || marked.Annotations["kubectl-certs.dev/renew"] == "" {
		t.Errorf("the Secret is not marked: %v", err)
	}
}

// TestRunStopped: after a signal no further Secret is marked.
func TestRunStopped(t *testing.T) {
	server := kubetest.Start(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	o := &Options{Namespace: inDefault, Names: []Name{{Text: "web-tls"}}, Operator: func(ctx context.Context) (*operator.Operator, error) { return operatorOf(ctx, server.URL) }}
	if err := Run(ctx, o); err == nil || err.Error() != context.Canceled.Error() {
		t.Errorf("error %v", err)
	}
	if requests := server.Requests(); len(requests) > 0 {
		t.Errorf("%d requests", len(requests))
	}
}

func inDefault() (string, error) { return "default", nil }

// operatorOf returns the operator that the command uses on a server.
func operatorOf(ctx context.Context, server string) (*operator.Operator, error) {
	config := genericclioptions.NewConfigFlags(true)
	*config.APIServer, *config.Namespace = server, "default"
	return new(requests.Flags).Operator(ctx, &cmdutil.Factory{Config: config}, operator.DefaultOptions())
}
