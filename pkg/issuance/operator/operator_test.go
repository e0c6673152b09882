package operator

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	typedcoordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// clusterAt reaches an API server, with namespace shop as the one of the
// context.
func clusterAt(t *testing.T, config *rest.Config) Cluster {
	t.Helper()
	discovered, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kube.New(config, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered)), "shop")
	if err != nil {
		t.Fatal(err)
	}
	return Cluster{REST: config, Client: client, Namespace: "shop"}
}

// TestNewHasNoEffects: New sends no request, and leaves no goroutine behind,
// which the bubble would wait for.
func TestNewHasNoEffects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := &rest.Config{Host: "http://127.0.0.1:1"}
		config.Wrap(func(next http.RoundTripper) http.RoundTripper { return refusing{t} })
		if _, err := New(clusterAt(t, config), DefaultOptions()); err != nil {
			t.Error(err)
		}
	})
}

// refusing is a transport for which every request is an error of the test.
type refusing struct{ t *testing.T }

func (r refusing) RoundTrip(request *http.Request) (*http.Response, error) {
	r.t.Errorf("request %s %s", request.Method, request.URL)
	return nil, errors.New("refused")
}

// shop is a cluster with a CA, in which certificates are requested.
type shop struct {
	t       *testing.T
	kube    *kubetest.Server
	core    typedcorev1.CoreV1Interface
	cluster Cluster
	options Options
}

// openShop starts the servers. The names are the Secrets, and the hosts under
// example.com.
func openShop(t *testing.T, names ...string) shop {
	t.Helper()
	kube, ca := kubetest.Start(t), acmetest.Start(t)
	core, err := typedcorev1.NewForConfig(kube.Config())
	if err != nil {
		t.Fatal(err)
	}
	for _, namespace := range []string{"shop", "cert-manager"} {
		if _, err := core.Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	bundle, err := json.Marshal(ca.Bundle) // base64
	if err != nil {
		t.Fatal(err)
	}
	requests := fmt.Sprintf(`---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: acme}
spec: {acme: {server: %q, caBundle: %s, privateKeySecretRef: {name: account}, solvers: [{http01: {}}]}}
`, ca.Directory, bundle)
	for _, name := range names {
		requests += fmt.Sprintf(`---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: %[1]s, namespace: shop}
spec: {secretName: %[1]s, dnsNames: [%[1]s.example.com], issuerRef: {kind: ClusterIssuer, name: acme}}
`, name)
	}
	s := shop{t: t, kube: kube, core: core, cluster: clusterAt(t, kube.Config()), options: DefaultOptions()}
	s.options.Namespace, s.options.Listen, s.options.HTTP01 = "shop", ca.HTTP01, HTTP01Static
	if s.options.Manifests, err = manifest.Decode([]byte(requests)); err != nil {
		t.Fatal(err)
	}
	return s
}

// operator returns one with the options of the shop, save for what is changed.
func (s shop) operator(change func(*Options)) *Operator {
	s.t.Helper()
	options := s.options
	if change != nil {
		change(&options)
	}
	o, err := New(s.cluster, options)
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// leaf returns the certificate in a Secret.
func (s shop) leaf(name string) *x509.Certificate {
	s.t.Helper()
	secret, err := s.core.Secrets("shop").Get(s.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	block, _ := pem.Decode(secret.Data["tls.crt"])
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		s.t.Fatal(err)
	}
	return leaf
}

// writes returns the requests that changed something, save for Leases.
func (s shop) writes() []string {
	var writes []string
	for _, r := range s.kube.Requests() {
		if r.Resource != "leases" && !slices.Contains([]string{"get", "list", "watch"}, r.Verb) {
			writes = append(writes, strings.TrimSpace(r.Verb+" "+r.Resource+" "+r.Name))
		}
	}
	return writes
}

// TestOnce: a pass issues what is requested; the next finds it up to date.
func TestOnce(t *testing.T) {
	s := openShop(t, "web", "api")
	var issued []string
	var lease steps
	hooks := Hooks{Lease: lease.report, Event: func(e issuance.Event) {
		switch e.Kind {
		case issuance.Done:
			issued = append(issued, e.Entry.Ref.Name)
		case issuance.Failed:
			t.Error(e.Err)
		}
	}}
	summary, err := s.operator(nil).Once(t.Context(), hooks)
	if diff := cmp.Diff(issuance.Summary{Issued: 2}, summary); diff != "" || err != nil {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	slices.Sort(issued)
	if diff := cmp.Diff([]string{"api", "web"}, issued); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]LeaseState{LeaseHeld, LeaseReleased}, lease.all); diff != "" {
		t.Errorf("Lease (-want +got):\n%s", diff)
	}
	if err := s.leaf("web").VerifyHostname("web.example.com"); err != nil {
		t.Error(err)
	}
	events, err := s.core.Events("shop").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(events.Items) != 2 || events.Items[0].Reason != "Issued" {
		t.Errorf("Events %v, %v", events, err)
	}
	account, err := s.core.Secrets("cert-manager").Get(t.Context(), "account", metav1.GetOptions{})
	if err != nil || account.Annotations[v1alpha1.AccountAnnotation] == "" {
		t.Errorf("account %v, %v", account.Annotations, err)
	}
	if summary, err = s.operator(nil).Once(t.Context(), Hooks{}); err != nil || summary != (issuance.Summary{UpToDate: 2}) {
		t.Errorf("the second pass: %+v, %v", summary, err)
	}
}

// TestPlanAndStatus: they describe what a pass would do, and write nothing.
func TestPlanAndStatus(t *testing.T) {
	s := openShop(t, "web")
	read := 0
	hooks := Hooks{Reading: func() func() { return func() { read++ } }}
	before := len(s.writes())
	o := s.operator(func(options *Options) { options.DryRun = true })
	rows, err := o.Plan(t.Context(), hooks)
	want := []Row{{
		Namespace: "shop", Secret: "web", Names: []string{"web.example.com"}, Issuer: "ClusterIssuer acme", RequestedBy: "Certificate/web",
		Action: issuance.Planned, Why: "missing", Challenges: []string{"http-01 static"}, Cost: "no known limit",
	}}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Errorf("plan: %v (-want +got):\n%s", err, diff)
	}
	if accounts := o.Accounts(t.Context()); len(accounts) > 0 {
		t.Errorf("accounts %v", accounts)
	}
	status, err := s.operator(nil).Status(t.Context(), hooks)
	if diff := cmp.Diff([]StatusRow{{Row: want[0], Status: "missing"}}, status); diff != "" || err != nil || status[0].OK() {
		t.Errorf("status: %v (-want +got):\n%s", err, diff)
	}
	if writes := s.writes()[before:]; len(writes) > 0 || read != 2 {
		t.Errorf("read %d times, writes %q", read, writes)
	}

	if _, err := s.operator(nil).Once(t.Context(), Hooks{}); err != nil {
		t.Fatal(err)
	}
	status, err = s.operator(nil).Status(t.Context(), hooks)
	if err != nil || len(status) != 1 || !status[0].OK() || status[0].Status != "ok" || !status[0].Expires.Equal(s.leaf("web").NotAfter) || !status[0].Renews.Before(status[0].Expires) {
		t.Errorf("status of a certificate that is there: %+v, %v", status, err)
	}
	o = s.operator(func(options *Options) { options.DryRun = true })
	if rows, err = o.Plan(t.Context(), hooks); err != nil || len(rows) != 1 || rows[0].Action != issuance.UpToDate {
		t.Errorf("plan of a certificate that is there: %+v, %v", rows, err)
	}
	if accounts := o.Accounts(t.Context()); accounts["ClusterIssuer acme"].URL == "" || len(accounts["ClusterIssuer acme"].Thumbprint) != 43 {
		t.Errorf("accounts %v", accounts)
	}
}

// TestShardsOfPlan: every Secret is in the plan of one shard.
func TestShardsOfPlan(t *testing.T) {
	s := openShop(t, "a", "b", "c", "d", "e", "f")
	var all []string
	for i := range 2 {
		rows, err := s.operator(func(o *Options) { o.DryRun, o.Shard = true, Shard{i, 2} }).Plan(t.Context(), Hooks{})
		if err != nil || len(rows) == 6 {
			t.Fatalf("shard %d: %d rows, %v", i, len(rows), err)
		}
		for _, row := range rows {
			all = append(all, row.Secret)
		}
	}
	slices.Sort(all)
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e", "f"}, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRefusesBesideCertManager: nothing is ordered while cert-manager runs, or where
// that is unknown.
func TestRefusesBesideCertManager(t *testing.T) {
	s := openShop(t, "web")
	leases, err := typedcoordinationv1.NewForConfig(s.kube.Config())
	if err != nil {
		t.Fatal(err)
	}
	holder, now, seconds := "controller-1", metav1.NowMicro(), int32(3600)
	if _, err := leases.Leases("kube-system").Create(t.Context(), &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: "cert-manager-controller"},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, AcquireTime: &now, RenewTime: &now, LeaseDurationSeconds: &seconds},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	before := len(s.writes())
	_, err = s.operator(nil).Once(t.Context(), Hooks{})
	if running, ok := errors.AsType[*CertManagerRunningError](err); !ok || running.Holder != "Lease kube-system/cert-manager-controller, held by controller-1" {
		t.Errorf("once: %v", err)
	}
	if err = s.operator(nil).Run(t.Context(), Hooks{}); !errors.As(err, new(*CertManagerRunningError)) {
		t.Errorf("run: %v", err)
	}
	failure := errors.New("broken")
	s.kube.Before = func(r *http.Request) error {
		if strings.Contains(r.URL.Path, "/leases") {
			return failure
		}
		return nil
	}
	if _, err = s.operator(nil).Once(t.Context(), Hooks{}); !errors.As(err, new(*CertManagerUnknownError)) {
		t.Errorf("once: %v", err)
	}
	if writes := s.writes()[before:]; len(writes) > 0 {
		t.Errorf("writes %q", writes)
	}
	s.kube.Before = nil
	summary, err := s.operator(func(o *Options) { o.IgnoreCertManager = true }).Once(t.Context(), Hooks{})
	if err != nil || summary.Issued != 1 {
		t.Errorf("with IgnoreCertManager: %+v, %v", summary, err)
	}
}

// TestRun: a run that keeps running issues, renews on request, and ends with
// its context.
func TestRun(t *testing.T) {
	s := openShop(t, "web")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	issued := make(chan string, 2)
	o, ended := s.operator(nil), make(chan error, 1)
	go func() {
		ended <- o.Run(ctx, Hooks{Event: func(e issuance.Event) {
			switch e.Kind {
			case issuance.Done:
				issued <- e.Entry.Secret.Leaf
			case issuance.Failed:
				t.Error(e.Err)
			}
		}})
	}()
	first := receive(t, ctx, issued)
	if found, err := s.operator(nil).Renew(ctx, issuance.Ref{Namespace: "shop", Name: "web"}); !found || err != nil {
		t.Fatal(found, err)
	}
	if second := receive(t, ctx, issued); second == first {
		t.Error("the certificate is the same after the renewal")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// receive returns what comes next, or fails at the end of ctx.
func receive[T any](t *testing.T, ctx context.Context, from <-chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-ctx.Done():
		t.Fatal(ctx.Err())
		panic("not reached")
	}
}

func TestRenewNothing(t *testing.T) {
	s := openShop(t)
	if found, err := s.operator(nil).Renew(t.Context(), issuance.Ref{Namespace: "shop", Name: "web"}); found || err != nil {
		t.Errorf("found %v, error %v", found, err)
	}
}
