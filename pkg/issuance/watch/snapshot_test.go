package watch

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// cluster is a test server with clients.
type cluster struct {
	*kubetest.Server
	client *kube.Client
	core   typedcorev1.CoreV1Interface
}

func startCluster(t *testing.T, absent ...string) cluster {
	t.Helper()
	s := kubetest.Start(t, absent...)
	client, err := kube.New(s.Config(), s.Mapper(), "default")
	if err != nil {
		t.Fatal(err)
	}
	core, err := kube.NewCore(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{s, client, core}
	c.put(t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
	return c
}

// put creates objects.
func (c cluster) put(t *testing.T, yaml string) {
	t.Helper()
	for _, o := range parseAll(t, yaml) {
		if _, err := c.client.Apply(t.Context(), o, metav1.ApplyOptions{FieldManager: "somebody", Force: true}); err != nil {
			t.Fatal(err)
		}
	}
}

// remove deletes objects.
func (c cluster) remove(t *testing.T, yaml string) {
	t.Helper()
	for _, o := range parseAll(t, yaml) {
		if err := c.client.Delete(t.Context(), o, false); err != nil {
			t.Fatal(err)
		}
	}
}

func (c cluster) snapshot(namespace string) *Snapshot {
	return NewSnapshot(c.client, c.core, namespace, nil)
}

func tlsYAML(namespace, name string) string {
	return fmt.Sprintf("---\n{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: %s, namespace: %s}, data: {tls.crt: '', tls.key: ''}}\n", name, namespace)
}

func orderYAML(namespace, secret, order string) string {
	return fmt.Sprintf("---\n{apiVersion: v1, kind: Secret, type: kubectl-certs.dev/order, metadata: {name: %s, namespace: %s, annotations: {kubectl-certs.dev/secret: %s, kubectl-certs.dev/order: %q}}}\n",
		store.JournalName(secret), namespace, secret, order)
}

// line describes an entry.
func line(e issuance.Entry) string {
	words := []string{e.Ref.String()}
	if e.Demand != nil {
		words = append(words, "wanted from "+e.Demand.Issuer.Key().String())
		if e.Demand.Problem != "" {
			words = append(words, "problem")
		}
	}
	if e.Secret.Exists {
		words = append(words, "there")
	}
	if e.Journal.Order != "" {
		words = append(words, e.Journal.Order)
	}
	return strings.Join(words, ", ")
}

func entries(t *testing.T, w *Snapshot) []string {
	t.Helper()
	all, err := w.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range all {
		list = append(list, line(e))
	}
	slices.Sort(list)
	return list
}

// TestSnapshot: requests are joined with the existing Secrets and journals of the watched
// namespaces.
func TestSnapshot(t *testing.T) {
	const host = "shop.example.com"
	c := startCluster(t)
	c.put(t, issuerYAML("ClusterIssuer", "", "ca")+issuerYAML("Issuer", "shop", "own")+
		certificateYAML("shop", "a", "Issuer", "own", host)+tlsYAML("shop", "a-tls")+orderYAML("shop", "a-tls", "order/a")+
		certificateYAML("default", "b", "ClusterIssuer", "ca", host)+orderYAML("default", "b-tls", "")+
		certificateYAML("shop", "c", "Issuer", "missing", host)+
		tlsYAML("shop", "unasked")+orderYAML("shop", "gone-tls", "order/gone"))
	for namespace, tt := range map[string]struct{ entries, underWay, namespaces []string }{
		"": {
			[]string{"default/b-tls, wanted from ClusterIssuer ca", "shop/a-tls, wanted from Issuer shop/own, there, order/a", "shop/c-tls, wanted from Issuer shop/missing, problem", "shop/gone-tls, order/gone"},
			[]string{"shop/a-tls", "shop/gone-tls"}, []string{""},
		},
		"default": {[]string{"default/b-tls, wanted from ClusterIssuer ca"}, nil, []string{"default"}},
	} {
		w := c.snapshot(namespace)
		if err := errors.Join(w.ReadDemand(t.Context()), w.ReadSecrets(t.Context())); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.entries, entries(t, w)); diff != "" {
			t.Errorf("in %q, entries (-want +got):\n%s", namespace, diff)
		}
		var underWay []string
		for _, ref := range w.OrdersUnderWay() {
			underWay = append(underWay, ref.String())
		}
		slices.Sort(underWay)
		if diff := cmp.Diff(tt.underWay, underWay); diff != "" {
			t.Errorf("in %q, under way (-want +got):\n%s", namespace, diff)
		}
		if diff := cmp.Diff(tt.namespaces, w.Namespaces()); diff != "" {
			t.Errorf("in %q, namespaces (-want +got):\n%s", namespace, diff)
		}
		if w.Journalled("order/a") != (namespace == "") || w.Journalled("order/other") {
			t.Errorf("in %q, journals are known wrongly", namespace)
		}
		if notes := w.Notes(); notes != nil {
			t.Errorf("in %q, notes %v", namespace, notes)
		}
	}
}

// TestSnapshotOfGiven: given objects without a namespace belong to the client's. Only Secrets
// that they request are read, whether few or many.
func TestSnapshotOfGiven(t *testing.T) {
	for _, many := range []int{8, 9} {
		c := startCluster(t)
		given := issuerYAML("ClusterIssuer", "", "ca") + issuerYAML("Issuer", "shop", "own")
		want := []string{}
		for i := range many - 1 {
			given += certificateYAML("shop", fmt.Sprintf("a%d", i), "Issuer", "own", "a.example.com")
			want = append(want, fmt.Sprintf("shop/a%d-tls, wanted from Issuer shop/own", i))
		}
		given += strings.Replace(certificateYAML("default", "b", "ClusterIssuer", "ca", "b.example.com"), ", namespace: default", "", 1)
		want = append(want, "default/b-tls, wanted from ClusterIssuer ca, there, order/b")
		want[0] += ", there"
		slices.Sort(want)
		c.put(t, tlsYAML("default", "b-tls")+orderYAML("default", "b-tls", "order/b")+tlsYAML("shop", "a0-tls")+tlsYAML("shop", "unasked")+orderYAML("shop", "unasked", "order/unasked"))

		w := c.snapshot("shop")
		w.Add(parseAll(t, given))
		before := len(c.Requests())
		if err := w.ReadSecrets(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, entries(t, w)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", many, diff)
		}
		verbs := map[string]bool{}
		for _, r := range c.Requests()[before:] {
			verbs[r.Verb] = true
		}
		if diff := cmp.Diff(map[string]bool{map[int]string{8: "get", 9: "list"}[many]: true}, verbs); diff != "" {
			t.Errorf("%d are read (-want +got):\n%s", many, diff)
		}
		if diff := cmp.Diff([]string{"shop", "default"}, w.Namespaces()); diff != "" {
			t.Errorf("namespaces (-want +got):\n%s", diff)
		}
		if have := w.index.secrets[issuance.Ref{Namespace: "shop", Name: "unasked"}]; have.Exists {
			t.Error("a Secret without a request is kept")
		}
	}
}

// TestSnapshotErrors: a kind that may not be listed is a note; a failed read is an error.
// Kinds that are not served request nothing.
func TestSnapshotErrors(t *testing.T) {
	c := startCluster(t, "k8s.nginx.org", "gateway.networking.k8s.io")
	c.put(t, issuerYAML("ClusterIssuer", "", "ca")+certificateYAML("shop", "a", "ClusterIssuer", "ca", "a.example.com"))
	c.Allow = func(r kubetest.Request) bool { return r.Resource != "issuers" && r.Resource != "ingresses" }
	w := c.snapshot("")
	if err := errors.Join(w.ReadDemand(t.Context()), w.ReadSecrets(t.Context())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shop/a-tls, wanted from ClusterIssuer ca"}, entries(t, w)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := []string{"no permission to list issuers: skipped", "no permission to list ingresses: skipped"}
	if diff := cmp.Diff(want, w.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	c.Allow = nil
	c.Before = func(r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/certificates") || strings.Contains(r.URL.Path, "secrets") {
			return errors.New("broken")
		}
		return nil
	}
	if err := c.snapshot("").ReadDemand(t.Context()); err == nil || !strings.Contains(err.Error(), "certificates") {
		t.Errorf("error %v", err)
	}
	few := c.snapshot("shop")
	few.Add(parseAll(t, certificateYAML("shop", "a", "ClusterIssuer", "ca", "a.example.com")))
	if err := few.ReadSecrets(t.Context()); err == nil || !strings.Contains(err.Error(), "read Secret shop/a-tls") {
		t.Errorf("error %v", err)
	}
}

// TestIssuers: only ACME issuers are returned. One that cannot be parsed is a note.
func TestIssuers(t *testing.T) {
	w := claimSnapshot()
	const odd = "---\n{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: odd, namespace: shop}, spec: {acme: 1}}\n"
	w.see(t, issuerYAML("Issuer", "shop", "own")+"---\n{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: signer, namespace: shop}, spec: {selfSigned: {}}}\n"+odd)
	names := func() []string {
		var list []string
		for _, i := range w.Issuers() {
			list = append(list, i.Name)
		}
		return list
	}
	if diff := cmp.Diff([]string{"own"}, names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(w.Notes()) != 1 {
		t.Errorf("notes %v", w.Notes())
	}
	w.see(t, strings.Replace(odd, "{acme: 1}", "{selfSigned: {}}", 1))
	if len(w.Notes()) != 0 {
		t.Errorf("once it can be read, notes %v", w.Notes())
	}
	w.see(t, certificateYAML("shop", "a", "Issuer", "signer", "a.example.com")+ingressYAML("shop", "a", "a.example.com"))
	if got := claimed(w, "a.example.com"); got != "" {
		t.Errorf("claimed by %s, which has no account", got)
	}
}

// TestConflict: while requests for one Secret conflict, none of their issuers may validate its
// hosts. A Certificate has precedence over its Ingress.
func TestConflict(t *testing.T) {
	const host = "a.example.com"
	w := claimSnapshot()
	one := certificateYAML("shop", "a", "Issuer", "own", host)
	two := strings.Replace(strings.Replace(one, "name: a,", "name: b,", 1), "name: own", "name: other", 1)
	w.see(t, issuerYAML("Issuer", "shop", "own")+issuerYAML("Issuer", "shop", "other")+ingressYAML("shop", "a", host)+one)
	if got := claimed(w, host); got != "Issuer shop/own" {
		t.Errorf("one request: claimed by %q", got)
	}
	w.see(t, two)
	if got := claimed(w, host); got != "" {
		t.Errorf("a contradiction: claimed by %q", got)
	}
	w.index.set(summarize(parseAll(t, two)[0]).deleted().(*objectSummary))
	if got := claimed(w, host); got != "Issuer shop/own" {
		t.Errorf("after it: claimed by %q", got)
	}
	annotated := strings.Replace(ingressYAML("shop", "a", host), "namespace: shop}", "namespace: shop, annotations: {cert-manager.io/issuer: other}}", 1)
	annotated = strings.Replace(annotated, "spec: {", "spec: {tls: [{hosts: ["+host+"], secretName: a-tls}], ", 1)
	w.see(t, annotated)
	if needs := w.index.needsOf(issuance.Ref{Namespace: "shop", Name: "a-tls"}); len(needs) != 2 || plan.IssuerOf(needs[0]).Name != "own" {
		t.Errorf("%d needs, the first from %v", len(needs), plan.IssuerOf(needs[0]))
	}
}

// TestStatic: a static challenge route is found while it exists.
func TestStatic(t *testing.T) {
	const host = "a.example.com"
	w := claimSnapshot()
	static := summarize(parseAll(t, "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: s, namespace: shop}, spec: {rules: [{host: a.example.com, http: {paths: [{path: /.well-known/acme-challenge/, pathType: Prefix, backend: {service: {name: "+plan.ResponderApp+", port: {number: 80}}}}]}}]}}")[0])
	ordinary := summarize(parseAll(t, ingressYAML("shop", "s", host))[0])
	for _, step := range []struct {
		name string
		set  *objectSummary
		want bool
	}{
		{"an ordinary route", ordinary, false}, {"a permanent one", static, true}, {"seen again", static, true},
		{"ordinary again", ordinary, false}, {"permanent again", static, true}, {"gone", static.deleted().(*objectSummary), false},
	} {
		w.index.set(step.set)
		if got := w.Static(host); got != step.want {
			t.Errorf("%s: %v", step.name, got)
		}
	}
}

// TestServedKinds: kinds are matched by group and version; each group is queried once.
func TestServedKinds(t *testing.T) {
	c := startCluster(t, "k8s.nginx.org")
	kinds := []schema.GroupVersionKind{
		{Group: "cert-manager.io", Version: "v1", Kind: "Issuer"}, {Group: "cert-manager.io", Version: "v1", Kind: "Unknown"},
		{Group: "k8s.nginx.org", Version: "v1", Kind: "VirtualServer"}, {Group: "cert-manager.io", Version: "v1", Kind: "Certificate"},
	}
	if diff := cmp.Diff([]schema.GroupVersionKind{kinds[0], kinds[3]}, served(t.Context(), c.core, kinds)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
