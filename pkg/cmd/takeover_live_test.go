package cmd_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	"github.com/go-acme/lego/v4/certificate"
	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// acmeFront is an ACME server: the lab's, which counts the new orders for each name.
type acmeFront struct {
	directory string
	bundle    []byte

	lock   sync.Mutex
	orders map[string]int
}

// front starts an ACME server with an address of its own before that of the lab.
func (s issuing) front() *acmeFront {
	s.t.Helper()
	target, err := url.Parse(s.Env["ACME_DIRECTORY"])
	if err != nil {
		s.t.Fatal(err)
	}
	ca, err := os.ReadFile(s.Env["ACME_CA"])
	if err != nil {
		s.t.Fatal(err)
	}
	f := &acmeFront{orders: map[string]int{}}
	proxy := &httputil.ReverseProxy{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots(s.t, ca), ServerName: target.Hostname()}, MaxIdleConnsPerHost: 64},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host})
			r.Out.Host = r.In.Host // for the URLs in the answers
		},
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/order-plz") {
			proxy.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		if answer.Code == http.StatusCreated {
			f.count(body)
		}
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	s.t.Cleanup(server.Close)
	f.directory = server.URL + target.Path
	f.bundle = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return f
}

// count notes a new order (RFC 8555 §7.4).
func (f *acmeFront) count(request []byte) {
	var jws struct{ Payload string }
	var order struct{ Identifiers []struct{ Value string } }
	if json.Unmarshal(request, &jws) != nil {
		return
	}
	payload, err := base64.RawURLEncoding.DecodeString(jws.Payload)
	if err != nil || json.Unmarshal(payload, &order) != nil || len(order.Identifiers) == 0 {
		return
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, id := range order.Identifiers {
		f.orders[id.Value]++
	}
}

// ordered returns how many orders there were for a name.
func (f *acmeFront) ordered(name string) int {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.orders[name]
}

// issuerOf is an Issuer of an ACME server, with DNS-01.
func (s issuing) issuerOf(f *acmeFront, namespace, name string) string {
	return fmt.Sprintf("---\n{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: %s, namespace: %s}, spec: {acme: {server: %q, caBundle: %s, "+
		"privateKeySecretRef: {name: %s-account}, solvers: [%s]}}}\n", name, namespace, f.directory, base64.StdEncoding.EncodeToString(f.bundle), name, s.dns01())
}

// credentials makes what Issuers in a namespace need.
func (s issuing) credentials(namespace string, issuers ...string) {
	s.t.Helper()
	apply(s.t, s.client, fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: tsig, namespace: %s}, stringData: {secret: %q}}", namespace, s.Env["TSIG_SECRET"]))
	for _, issuer := range issuers {
		key, err := cmpki.EncodePrivateKey(rsaKey(s.t), "") // cert-manager takes no other
		if err != nil {
			s.t.Fatal(err)
		}
		apply(s.t, s.client, "apiVersion: v1\nkind: Secret\nmetadata: {name: "+issuer+"-account, namespace: "+namespace+"}\nstringData: {tls.key: "+quoted(string(key))+"}\n")
	}
}

// startCertManagerIn starts cert-manager's controllers for one namespace.
func (s issuing) startCertManagerIn(t *testing.T, namespace string) {
	t.Helper()
	dns := s.Env["DNS_ADDR"]
	startChild(t, exec.Command(built(t, "lab-cert-manager", "make -C lab cert-manager"), "--kubeconfig", filepath.Join(s.Dir, "kubeconfig"),
		"--namespace", namespace, "--cluster-resource-namespace", "cert-manager",
		"--dns01-recursive-nameservers", dns, "--dns01-recursive-nameservers-only", "--acme-http01-solver-nameservers", dns))
}

// settled waits until cert-manager has decided about all Certificates in a
// namespace, and has issued what it wants to. Its controllers have queues: when a
// Certificate that is made now is issued, they have decided about all others.
func (s issuing) settled(t *testing.T, namespace string) {
	t.Helper()
	name := fmt.Sprintf("canary-%d", time.Now().UnixNano())
	apply(t, s.client, fmt.Sprintf("{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %[1]s, namespace: %[2]s}, "+
		"spec: {secretName: %[1]s, dnsNames: [%[1]s.%[2]s.example.com], privateKey: {algorithm: ECDSA}, issuerRef: {name: acme}}}", name, namespace))
	certificates := s.client.Resource(kinds["Certificate"]).Namespace(namespace)
	await(t, "cert-manager in "+namespace, func() string {
		list, err := certificates.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			return err.Error()
		}
		for _, c := range list.Items {
			conditions, _, _ := unstructured.NestedSlice(c.Object, "status", "conditions")
			if condition(conditions, "Ready") != "True" || condition(conditions, "Issuing") == "True" {
				return fmt.Sprint(c.GetName(), ": ", conditions)
			}
		}
		return ""
	})
	if err := certificates.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

func condition(conditions []any, name string) string {
	for _, c := range conditions {
		if c, is := c.(map[string]any); is && c["type"] == name {
			status, _ := c["status"].(string)
			return status
		}
	}
	return ""
}

// ownTLS replaces a Secret by one that has nothing but a certificate, its key and
// cert-manager's label. cert-manager caches Secrets without the label elsewhere. When
// it adds the label, the Secret is in neither cache for a moment, and cert-manager
// sometimes orders because of that (its issue 6494).
func (s issuing) ownTLS(namespace, name string, certPEM, keyPEM []byte) {
	s.t.Helper()
	resource := s.client.Resource(secretsOf).Namespace(namespace)
	if err := resource.Delete(s.t.Context(), name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		s.t.Fatal(err)
	}
	secret := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": map[string]any{"name": name, "labels": map[string]any{"controller.cert-manager.io/fao": "true"}},
		"data": map[string]any{"tls.crt": base64.StdEncoding.EncodeToString(certPEM), "tls.key": base64.StdEncoding.EncodeToString(keyPEM)},
	}}
	if _, err := resource.Create(s.t.Context(), secret, metav1.CreateOptions{FieldManager: "kubectl-create"}); err != nil {
		s.t.Fatal(err)
	}
}

// byHand makes a certificate that no CA issued.
func byHand(t testing.TB, host string) (certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), DNSNames: []string{host}, NotBefore: now, NotAfter: now.Add(90 * day)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})
}

// turn is who has a Secret next.
type turn string

const (
	byCertManager turn = "cert-manager"
	byRun         turn = "run"  // renews, and adopts
	byLego        turn = "lego" // obtains a certificate, and makes the Secret anew
	byUser        turn = "hand" // makes the Secret anew
)

// sequence is a Secret, and who has it in turn.
type sequence struct {
	turns           [3]turn
	namespace, name string
	// exists is whether there is a Secret, and isOurs whether run or cert-manager issued
	// its certificate.
	exists, isOurs bool
	// isRequested is whether cert-manager has a request for its current revision, and
	// isStale whether that is for another key than the Secret's.
	isRequested, isStale bool
	ordered              int   // orders at the CA, after the last turn
	revision             int64 // of the Certificate, after the last turn
}

func (q *sequence) host() string { return q.name + ".example.com" }

func (q *sequence) certificate() string {
	return fmt.Sprintf("---\n{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %[1]s, namespace: %[2]s}, "+
		"spec: {secretName: %[1]s, dnsNames: [%[1]s.example.com], privateKey: {algorithm: ECDSA}, issuerRef: {name: acme}}}\n", q.name, q.namespace)
}

// take notes what a turn makes of the Secret, and returns how many orders it costs.
// One that costs an order more than requested is that of cert-manager after lego or
// a user replaced a Secret that cert-manager had issued: run had no part in that.
func (q *sequence) take(by turn) (orders int) {
	switch by {
	case byCertManager:
		if !q.exists || q.isStale {
			orders = 1
			q.isRequested, q.isOurs = true, true
		}
		q.isStale = false
	case byRun:
		orders = 1
		q.isRequested, q.isStale, q.isOurs = false, false, true
	case byLego:
		orders = 1
		fallthrough
	case byUser:
		q.isStale, q.isOurs = q.isRequested, false
	}
	q.exists = true
	return orders
}

// took returns how many orders a turn did cost. If cert-manager issued, it is 1: on
// a busy machine cert-manager itself may order a certificate again, because its
// caches do not have the key or the Secret yet that it has just written.
func (s issuing) took(t *testing.T, f *acmeFront, q *sequence, by turn) (orders int) {
	t.Helper()
	ordered := f.ordered(q.host())
	orders, q.ordered = ordered-q.ordered, ordered
	if by != byCertManager {
		return orders
	}
	certificate, err := s.client.Resource(kinds["Certificate"]).Namespace(q.namespace).Get(t.Context(), q.name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before := q.revision
	q.revision, _, _ = unstructured.NestedInt64(certificate.Object, "status", "revision")
	if q.revision > before {
		return 1
	}
	return orders
}

// sequences are all sequences of three turns. Those in one namespace have
// cert-manager at the same turns.
func sequences() (all []*sequence) {
	turns := []turn{byCertManager, byRun, byLego, byUser}
	for i := range len(turns) * len(turns) * len(turns) {
		q := &sequence{turns: [3]turn{turns[i/16], turns[i/4%4], turns[i%4]}, namespace: "seq-", name: fmt.Sprintf("s%02d", i)}
		for _, by := range q.turns {
			q.namespace += map[bool]string{true: "1", false: "0"}[by == byCertManager]
		}
		all = append(all, q)
	}
	return all
}

// TestLiveTakeOver: in all sequences of cert-manager, run, lego's own Secret and a
// Secret by hand, there is no order beyond those requested: the first, each renewal
// by run, and each certificate of lego. It runs only with make -C lab test-takeover,
// because it takes long.
func TestLiveTakeOver(t *testing.T) {
	onlyQuiet(t)
	built(t, "lab-cert-manager", "make -C lab cert-manager")
	s := startIssuing(t)
	f := s.front()
	collectGarbage(t, s.lab)
	all := sequences()
	issuers := map[string]string{} // by namespace
	for _, q := range all {
		if issuers[q.namespace] == "" {
			makeNamespaces(t, s.client, q.namespace)
			s.credentials(q.namespace, "acme")
			issuers[q.namespace] = s.issuerOf(f, q.namespace, "acme")
			apply(t, s.client, strings.TrimPrefix(issuers[q.namespace], "---\n"))
		}
		s.names(q.host())
		apply(t, s.client, strings.TrimPrefix(q.certificate(), "---\n"))
	}
	for i := range all[0].turns {
		t.Run(fmt.Sprint("turn ", i+1), func(t *testing.T) {
			of := func(by turn) []*sequence {
				return slices.DeleteFunc(slices.Clone(all), func(q *sequence) bool { return q.turns[i] != by })
			}
			s.runTurn(t, issuers, of(byRun))
			s.legoTurn(t, f, of(byLego))
			for _, q := range of(byUser) {
				cert, key := byHand(t, q.host())
				s.ownTLS(q.namespace, q.name, cert, key)
			}
			s.certManagerTurn(t, of(byCertManager))
			want, got := map[string]int{}, map[string]int{}
			for _, q := range all {
				key, by := fmt.Sprint(q.turns[:i+1]), q.turns[i]
				want[key] += q.take(by)
				got[key] += s.took(t, f, q, by)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("orders (-want +got):\n%s", diff)
			}
		})
	}
}

// onlyQuiet skips a test that takes long, or needs a quiet machine.
func onlyQuiet(t *testing.T) {
	t.Helper()
	if os.Getenv("CERTS_TAKEOVER") == "" {
		t.Skip("takes minutes, on a quiet machine: make -C lab test-takeover")
	}
}

// runTurn lets run take over, which costs nothing, and then renew or adopt.
func (s issuing) runTurn(t *testing.T, issuers map[string]string, of []*sequence) {
	t.Helper()
	once := func(of []*sequence) []string {
		text := strings.Join(slices.Collect(maps.Values(issuers)), "")
		for _, q := range of {
			text += q.certificate()
		}
		file := write(t, filepath.Join(t.TempDir(), "requests.yaml"), text)
		return append([]string{"run", "--once", "-f", file}, s.resolvers()...)
	}
	ours := slices.DeleteFunc(slices.Clone(of), func(q *sequence) bool { return !q.isOurs })
	if len(ours) > 0 {
		if _, talk := certs(t, 0, once(ours)...); !strings.Contains(talk, fmt.Sprintf("0 issued, 0 failed, 0 deferred, %d up to date", len(ours))) {
			t.Errorf("takes over as\n%s", talk)
		}
	}
	for _, q := range of {
		if q.isOurs {
			certs(t, 0, "renew", q.name, "-n", q.namespace)
		}
	}
	if _, talk := certs(t, 0, append(once(of), "--adopt")...); !strings.Contains(talk, fmt.Sprintf("%d issued, 0 failed, 0 deferred, 0 up to date", len(of))) {
		t.Errorf("renews and adopts as\n%s", talk)
	}
}

// legoTurn lets lego obtain certificates and makes Secrets of its own for them.
func (s issuing) legoTurn(t *testing.T, f *acmeFront, of []*sequence) {
	t.Helper()
	client := s.legoClient(t, f.directory, f.bundle, ecKey(t))
	results := make([]*certificate.Resource, len(of))
	errs := make([]error, len(of))
	var workers sync.WaitGroup
	for i, q := range of {
		workers.Go(func() {
			results[i], errs[i] = client.Certificate.Obtain(certificate.ObtainRequest{Domains: []string{q.host()}, Bundle: true})
		})
	}
	workers.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for i, q := range of {
		s.ownTLS(q.namespace, q.name, results[i].Certificate, results[i].PrivateKey)
	}
}

// certManagerTurn lets cert-manager work in the namespaces of sequences.
func (s issuing) certManagerTurn(t *testing.T, of []*sequence) {
	t.Helper()
	var namespaces []string
	for _, q := range of {
		if !slices.Contains(namespaces, q.namespace) {
			namespaces = append(namespaces, q.namespace)
		}
	}
	t.Run("cert-manager", func(t *testing.T) { // which ends with this
		for _, namespace := range namespaces {
			s.startCertManagerIn(t, namespace)
		}
		for _, namespace := range namespaces {
			s.settled(t, namespace)
		}
	})
}
