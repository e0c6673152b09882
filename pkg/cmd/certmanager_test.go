package cmd_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// proofSpec has every way to ask for a certificate, proved by DNS-01 but for
// names below http.example.com: no ingress controller runs, so those stay
// pending and show which solver cert-manager picked, beside a permanent route
// too. No two certificates share
// a name, as cert-manager proves a name for one at a time.
const proofSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: proof}
issuers:
- name: acme
  acme:
    server: %[1]s
    caBundle: %[2]s
    solvers:
    - dns01: {rfc2136: {nameserver: "%[3]s", tsigKeyName: %[4]s, tsigAlgorithm: HMACSHA256, tsigSecretSecretRef: {name: tsig, key: secret}}}
    - http01: {}
      selector: {dnsZones: [http.example.com]}
- {name: root, selfSigned: {}}
- {name: corp, ca: {secretName: corp-ca}}
- {name: own, private: {commonName: Own Root, nameConstraints: {critical: true, permitted: {dnsDomains: [own.internal]}}}}
certificates:
- {name: corp-ca, namespace: cert-manager, issuer: root, isCA: true, commonName: corp}
- {name: internal, namespace: shop, issuer: corp, dnsNames: [db.internal], privateKey: {algorithm: ECDSA}}
- {name: wiki, namespace: shop, issuer: own, dnsNames: [wiki.own.internal]}
- {name: mail, namespace: shop, issuer: acme, dnsNames: [mail.example.com, imap.example.com]}
expose:
- &route {name: web, namespace: shop, host: web.example.com, className: traefik, issuer: acme, routes: [{path: /, service: s, port: 80}]}
- {<<: *route, name: wild, host: "*.wild.example.com"}
- {<<: *route, name: nginx, host: nginx.example.com, className: nginx, certificate: explicit}
- &gateway {name: gw, namespace: shop, as: HTTPRoute, host: gw.example.com, gateway: {name: public, className: nginx}, issuer: acme, routes: [{path: /, service: s, port: 80}]}
- {<<: *route, name: fallback, host: fallback.http.example.com, className: contour}
- {<<: *route, name: labelled, host: labelled.http.example.com}
- {<<: *route, name: merged, host: merged.http.example.com, className: nginx}
- {<<: *route, name: static, host: static.http.example.com, http01: static}
- {<<: *route, name: minion, host: minion.http.example.com, className: nginx, http01: static}
- {<<: *gateway, name: attached, host: attached.http.example.com, gateway: {name: open, className: nginx}}
`

// TestLiveCertManager: cert-manager's own controllers issue what we generate,
// the way we count on, and nothing they do makes it differ from the file.
func TestLiveCertManager(t *testing.T) {
	built(t, "lab-cert-manager", "make -C lab full") // or skip before anything starts
	l := startLab(t)
	env, client := l.Env, l.client()
	makeNamespaces(t, client, "cert-manager", "kubectl-certs", "shop")
	makeSecret(t, client, "tsig", "secret", env["TSIG_SECRET"])
	startCertManager(t, l)
	p := clusterChecks{t, client}

	ca, err := os.ReadFile(env["ACME_CA"])
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, filepath.Join(t.TempDir(), "certs.yaml"), fmt.Sprintf(proofSpec,
		env["ACME_DIRECTORY"], base64.StdEncoding.EncodeToString(ca), env["DNS_ADDR"], env["TSIG_NAME"]))
	applied, _ := certs(t, 0, "apply", "-f", file)

	for _, name := range []string{"acme", "root", "corp", "own-selfsigned", "own"} {
		p.ready("ClusterIssuer", "", name)
	}
	p.solvers(map[string]picked{
		"fallback.http.example.com": {Ingress: "contour"},
		"labelled.http.example.com": {Label: "ingress-traefik", Ingress: "traefik"},
		"merged.http.example.com":   {Label: "mergeable-nginx", Ingress: "nginx", Minion: true},
		"static.http.example.com":   {Label: "ingress-traefik", Ingress: "traefik"},
		"minion.http.example.com":   {Label: "mergeable-nginx", Ingress: "nginx", Minion: true},
		"attached.http.example.com": {Label: "gateway", Gateway: true},
	})
	p.temporary("merged-tls", "merged.http.example.com")
	p.ordersAnew("fallback-tls")
	p.ready("Certificate", "cert-manager", "corp-ca")
	corp := roots(t, p.secret("cert-manager", "corp-ca")["tls.crt"])
	p.issued("internal", corp, "db.internal")
	p.ready("Certificate", "cert-manager", "own-ca")
	own := p.secret("cert-manager", "own-ca")["ca.crt"]
	p.issued("wiki", roots(t, own), "wiki.own.internal")
	p.trusted(own)
	pebble := roots(t, fetchRoot(t, ca, env["ACME_ROOTS"]))
	p.issued("mail", pebble, "imap.example.com", "mail.example.com")
	p.issued("web-tls", pebble, "web.example.com")
	p.issued("wild-tls", pebble, "*.wild.example.com")
	p.issued("nginx-tls", pebble, "nginx.example.com")
	p.issued("gw-tls", pebble, "gw.example.com")

	p.owner("web-tls", "Ingress/web")
	p.owner("wild-tls", "Ingress/wild")
	p.owner("gw-tls", "Gateway/public")
	p.owner("nginx-tls", "")
	p.owner("mail", "")

	// Drift.
	if out, talk := certs(t, 0, "diff", "--live", "-f", file); out != "" {
		t.Errorf("after cert-manager has worked, differs as\n%s%s", out, talk)
	}
	before := versions(t, client)
	if again, _ := certs(t, 0, "apply", "-f", file); again != strings.ReplaceAll(applied, " created\n", " unchanged\n") {
		t.Errorf("a second apply says\n%s", again)
	}
	if diff := cmp.Diff(before, versions(t, client)); diff != "" {
		t.Errorf("a second apply touched (-before +after):\n%s", diff)
	}

	// What cert-manager issued is good for run as it is.
	out, _ := certs(t, 0, "run", "--dry-run", "-o", "json", "-f", file)
	var plan struct {
		Items []struct{ Secret, Action, Why, Detail string }
	}
	if err := json.Unmarshal([]byte(out), &plan); err != nil {
		t.Fatal(err)
	}
	fine := 0
	for _, c := range plan.Items {
		switch c.Secret {
		case "mail", "web-tls", "wild-tls", "nginx-tls", "gw-tls":
			if fine++; c.Action != "ok" {
				t.Errorf("run would do to %s: %+v", c.Secret, c)
			}
		}
	}
	if fine != 5 {
		t.Errorf("run sees %d of 5 certificates", fine)
	}
}

// trusted wants the root of a private CA to be one that trust takes.
func (p clusterChecks) trusted(root []byte) {
	p.t.Helper()
	file := write(p.t, filepath.Join(p.t.TempDir(), "root.pem"), string(root))
	if out, _ := certs(p.t, 0, "trust", "inspect", file); !strings.Contains(out, "CN=Own Root") {
		p.t.Errorf("the root is\n%s", out)
	}
}

func makeSecret(t testing.TB, client dynamic.Interface, name, key, value string) {
	t.Helper()
	secret := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret",
		"metadata":   map[string]any{"name": name},
		"stringData": map[string]any{key: value},
	}}
	if _, err := client.Resource(secrets).Namespace("cert-manager").Apply(t.Context(), name, secret, metav1.ApplyOptions{FieldManager: "test"}); err != nil {
		t.Fatal(err)
	}
}

// startCertManager starts cert-manager's controllers with some more flags, and the
// garbage collector that they count on.
func startCertManager(t *testing.T, l lab, more ...string) {
	t.Helper()
	dns := l.Env["DNS_ADDR"]
	startChild(t, exec.Command(built(t, "lab-cert-manager", "make -C lab full"), append([]string{"--kubeconfig", filepath.Join(l.Dir, "kubeconfig"),
		"--cluster-resource-namespace", "cert-manager", "--enable-gateway-api",
		"--dns01-recursive-nameservers", dns, "--dns01-recursive-nameservers-only", "--acme-http01-solver-nameservers", dns}, more...)...))
	collectGarbage(t, l)
}

var (
	secrets    = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	orders     = schema.GroupVersionResource{Group: "acme.cert-manager.io", Version: "v1", Resource: "orders"}
	challenges = schema.GroupVersionResource{Group: "acme.cert-manager.io", Version: "v1", Resource: "challenges"}
)

// clusterChecks check what cert-manager did in the cluster.
type clusterChecks struct {
	t      *testing.T
	client dynamic.Interface
}

func (p clusterChecks) get(kind, namespace, name string) *unstructured.Unstructured {
	p.t.Helper()
	resource, ok := kinds[kind]
	if kind == "Secret" {
		resource, ok = secrets, true
	}
	if !ok {
		p.t.Fatalf("no kind %s", kind)
	}
	object, err := p.client.Resource(resource).Namespace(namespace).Get(p.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		return &unstructured.Unstructured{}
	}
	return object
}

func (p clusterChecks) ready(kind, namespace, name string) {
	p.t.Helper()
	await(p.t, kind+" "+name, func() string {
		conditions, _, _ := unstructured.NestedSlice(p.get(kind, namespace, name).Object, "status", "conditions")
		for _, c := range conditions {
			if c := c.(map[string]any); c["type"] == "Ready" && c["status"] == "True" {
				return ""
			}
		}
		return fmt.Sprint("not ready: ", conditions)
	})
}

// secret is the decoded data of a Secret.
func (p clusterChecks) secret(namespace, name string) map[string][]byte {
	p.t.Helper()
	encoded, _, _ := unstructured.NestedStringMap(p.get("Secret", namespace, name).Object, "data")
	data := map[string][]byte{}
	for key, value := range encoded {
		decoded, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			p.t.Fatal(err)
		}
		data[key] = decoded
	}
	return data
}

// issued waits for a Certificate and checks what its Secret holds: the key, the
// chain and the names. Secret and Certificate have one name here.
func (p clusterChecks) issued(name string, roots *x509.CertPool, names ...string) {
	p.t.Helper()
	p.ready("Certificate", "shop", name)
	data := p.secret("shop", name)
	pair, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"]) // fails if they do not match
	if err != nil {
		p.t.Errorf("secret %s: %v", name, err)
		return
	}
	intermediates := x509.NewCertPool()
	intermediates.AppendCertsFromPEM(data["tls.crt"])
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates}); err != nil {
		p.t.Errorf("secret %s: %v", name, err)
	}
	if diff := cmp.Diff(names, slices.Sorted(slices.Values(pair.Leaf.DNSNames))); diff != "" {
		p.t.Errorf("names in secret %s (-want +got):\n%s", name, diff)
	}
}

// temporary waits for the certificate that a mergeable Ingress has until the
// first real one: NGINX Ingress Controller redirects the challenge to https, and
// refuses that without any.
func (p clusterChecks) temporary(name, host string) {
	p.t.Helper()
	await(p.t, "temporary certificate "+name, func() string {
		data := p.secret("shop", name)
		pair, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"])
		if err != nil {
			return err.Error()
		}
		if got := pair.Leaf; got.Issuer.CommonName != "cert-manager.local" || got.VerifyHostname(host) != nil {
			return fmt.Sprintf("is for %v by %v", got.DNSNames, got.Issuer)
		}
		return ""
	})
}

func roots(t testing.TB, pem []byte) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatalf("no certificate in %q", pem)
	}
	return pool
}

// fetchRoot gets Pebble's root, which it makes anew at each start.
func fetchRoot(t testing.TB, ca []byte, url string) []byte {
	t.Helper()
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots(t, ca)}}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// owner checks whose Certificate it is: that of a route if cert-manager made it
// from our annotation, else none.
func (p clusterChecks) owner(name, want string) {
	p.t.Helper()
	var got string
	for _, o := range p.get("Certificate", "shop", name).GetOwnerReferences() {
		got += o.Kind + "/" + o.Name
	}
	if got != want {
		p.t.Errorf("Certificate %s is owned by %q, want %q", name, got, want)
	}
}

// picked is the solver that cert-manager uses for a name, and the label by
// which it found it.
type picked struct {
	Label, Ingress  string
	Minion, Gateway bool
}

// solvers waits for the HTTP-01 challenges and checks their solvers, and that
// the labels came down to the Orders.
func (p clusterChecks) solvers(want map[string]picked) {
	p.t.Helper()
	got := map[string]picked{}
	await(p.t, "HTTP-01 challenges", func() string {
		labels := map[string]string{}
		for _, order := range p.list(orders) {
			names, _, _ := unstructured.NestedStringSlice(order.Object, "spec", "dnsNames")
			labels[strings.Join(names, ",")] = order.GetLabels()["kubectl-certs.dev/solver"]
		}
		for _, challenge := range p.list(challenges) {
			http01, found, _ := unstructured.NestedMap(challenge.Object, "spec", "solver", "http01")
			if !found {
				continue
			}
			name, _, _ := unstructured.NestedString(challenge.Object, "spec", "dnsName")
			class, _, _ := unstructured.NestedString(http01, "ingress", "ingressClassName")
			role, _, _ := unstructured.NestedString(http01, "ingress", "ingressTemplate", "metadata", "annotations", "nginx.org/mergeable-ingress-type")
			got[name] = picked{labels[name], class, role == "minion", http01["gatewayHTTPRoute"] != nil}
		}
		if len(got) < len(want) {
			return fmt.Sprint("only ", got)
		}
		return ""
	})
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Errorf("solvers of HTTP-01 challenges (-want +got):\n%s", diff)
	}
}

func (p clusterChecks) list(resource schema.GroupVersionResource) []unstructured.Unstructured {
	p.t.Helper()
	list, err := p.client.Resource(resource).Namespace("shop").List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	return list.Items
}
