package cmd_test

import (
	"bytes"
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

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

var (
	secretsOf = secrets
	podsOf    = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
)

// issuing is a lab in which a run issues.
type issuing struct {
	lab
	t      testing.TB
	client dynamic.Interface
	pebble *x509.CertPool
	bundle string // of the ACME server, in base64
	dir    string
}

func startIssuing(t testing.TB) issuing {
	t.Helper()
	return issuingIn(t, startLab(t))
}

func issuingIn(t testing.TB, l lab) issuing {
	t.Helper()
	s := issuing{lab: l, t: t, client: l.client(), dir: t.TempDir()}
	ca, err := os.ReadFile(l.Env["ACME_CA"])
	if err != nil {
		t.Fatal(err)
	}
	s.bundle = base64.StdEncoding.EncodeToString(ca)
	s.pebble = roots(t, fetchRoot(t, ca, l.Env["ACME_ROOTS"]))
	makeNamespaces(t, s.client, "cert-manager", "kubectl-certs", "shop")
	return s
}

// names makes names lead here.
func (s issuing) names(hosts ...string) {
	s.t.Helper()
	for _, host := range hosts {
		s.records(http.MethodDelete, "?name="+host, "")
		s.records(http.MethodPost, "", host+". A 127.0.0.1\n")
	}
}

func (s issuing) records(method, query, body string) {
	s.t.Helper()
	q, err := http.NewRequestWithContext(s.t.Context(), method, s.Env["DNS_API"]+"/records"+query, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil || answer.StatusCode >= 300 {
		s.t.Fatalf("%s records: %v %v", method, answer, err)
	}
	answer.Body.Close()
}

// file writes a certs.yaml with an issuer of the lab and some more.
func (s issuing) file(name, solvers, more string) string {
	s.t.Helper()
	return s.fileFor(name, s.Env["ACME_DIRECTORY"], s.bundle, solvers, more)
}

func (s issuing) fileFor(name, directory, bundle, solvers, more string) string {
	s.t.Helper()
	return write(s.t, filepath.Join(s.dir, name+".yaml"), fmt.Sprintf(`apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: %s}
issuers:
- name: %s
  acme: {server: "%s", caBundle: %s, solvers: [%s]}
%s`, name, name, directory, bundle, solvers, more))
}

// expose is an entry of certs.yaml; its certificate is in Secret <name>-tls.
func expose(name, issuer string, hosts ...string) string {
	return fmt.Sprintf("- {name: %s, namespace: shop, hosts: [%s], className: traefik, issuer: %s, privateKey: {algorithm: ECDSA}, routes: [{path: /, service: s, port: 80}]}\n",
		name, `"`+strings.Join(hosts, `", "`)+`"`, issuer)
}

// static are the flags that answer HTTP-01 where Pebble looks.
func (s issuing) static() []string {
	return []string{"--http01", "static", "--listen", "127.0.0.1:" + s.Env["HTTP01_PORT"]}
}

// issued wants a good certificate from Pebble in a Secret of namespace shop,
// and no order left beside it. It returns the serial number.
func (s issuing) issued(secret string, names ...string) string {
	s.t.Helper()
	return issued(s.t, s.client, "shop", s.pebble, secret, names...)
}

// issued wants a good certificate of a CA in a Secret, and no order left beside
// it. It returns the serial number.
func issued(t testing.TB, client dynamic.Interface, namespace string, ca *x509.CertPool, secret string, names ...string) string {
	t.Helper()
	o, err := client.Resource(secretsOf).Namespace(namespace).Get(t.Context(), secret, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	data := map[string][]byte{}
	for key, value := range o.Object["data"].(map[string]any) {
		if data[key], err = base64.StdEncoding.DecodeString(value.(string)); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"])
	if err != nil {
		t.Fatalf("%s: %v", secret, err)
	}
	var intermediates = x509.NewCertPool()
	for _, der := range pair.Certificate[1:] {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		intermediates.AddCert(cert)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: ca, Intermediates: intermediates}); err != nil {
		t.Errorf("%s: %v", secret, err)
	}
	got := slices.Clone(pair.Leaf.DNSNames)
	for _, ip := range pair.Leaf.IPAddresses {
		got = append(got, ip.String())
	}
	slices.Sort(got)
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("%s is for %q, want %q", secret, got, names)
	}
	if _, err := client.Resource(secretsOf).Namespace(namespace).Get(t.Context(), secret+"-kubectl-certs-order", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("%s: the order is left behind: %v", secret, err)
	}
	return pair.Leaf.SerialNumber.String()
}

func TestLiveRunStatic(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com", "b.example.com")
	file := s.file("static", "{http01: {}}", "expose:\n"+expose("a", "static", "a.example.com", "b.example.com"))
	once := append([]string{"run", "--once", "-f", file}, s.static()...)

	out, talk := certs(t, 0, append(once, "--dry-run")...)
	if !strings.Contains(out, "a-tls    a.example.com +1   static   missing   http-01 static   no known limit") {
		t.Errorf("the plan says\n%s%s", out, talk)
	}
	certs(t, 0, once...)
	first := s.issued("a-tls", "a.example.com", "b.example.com")
	if out, talk := certs(t, 0, once...); out != "" || !strings.Contains(talk, "0 issued, 0 failed, 0 deferred, 1 up to date") {
		t.Errorf("again\n%s%s", out, talk)
	}

	// Requested, and requested once.
	certs(t, 0, "renew", "a-tls", "-n", "shop")
	certs(t, 0, once...)
	second := s.issued("a-tls", "a.example.com", "b.example.com")
	certs(t, 0, once...)
	if third := s.issued("a-tls", "a.example.com", "b.example.com"); first == second || second != third {
		t.Errorf("renewed from %s to %s to %s", first, second, third)
	}
}

func TestLiveRunFailures(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com")
	s.records(http.MethodPost, "", "lost.example.com. A 127.0.0.9\n")
	file := s.file("bad", "{http01: {}}", "expose:\n"+expose("a", "bad", "a.example.com")+expose("lost", "bad", "lost.example.com"))
	once := append([]string{"run", "--once", "-f", file}, s.static()...)
	out, talk := certs(t, 1, once...)
	for _, want := range []string{"✓ shop/a-tls", "✗ shop/lost-tls  validation: lost.example.com", "retry in", "1 issued, 1 failed, 0 deferred, 0 up to date"} {
		if !strings.Contains(out+talk, want) {
			t.Errorf("%q is missing of\n%s%s", want, out, talk)
		}
	}
	events, err := s.client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "events"}).Namespace("shop").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(events.Items) != 2 {
		t.Errorf("%d Events, %v", len(events.Items), err)
	}
	// It waits, also in another process, until renew ends the wait.
	out, talk = certs(t, 1, once...)
	if !strings.Contains(talk, "deferred: shop/lost-tls (Ingress/lost): missing; failed once, next try at") {
		t.Errorf("after the failure\n%s%s", out, talk)
	}
	out, _ = certs(t, 1, "status", "-f", file, "--check")
	if !strings.Contains(out, "Ingress/a      ok") || !strings.Contains(out, "missing; failed once, ") {
		t.Errorf("status says\n%s", out)
	}
	s.names("lost.example.com")
	certs(t, 0, "renew", "lost-tls", "-n", "shop")
	certs(t, 0, once...)
	s.issued("lost-tls", "lost.example.com")
	for _, text := range []string{out, talk} {
		if strings.Contains(text, "PRIVATE KEY") {
			t.Error("a key is printed")
		}
	}
}

// TestLiveRunLeavesOthersAlone: Secrets of others stay, unless they are
// adopted; what cannot be adopted is reported.
func TestLiveRunLeavesOthersAlone(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com")
	apply(t, s.client, "apiVersion: v1\nkind: Secret\nmetadata: {name: a-tls, namespace: shop}\ntype: kubernetes.io/tls\ndata: {tls.crt: eA==, tls.key: eA==}\n---\n"+
		"apiVersion: v1\nkind: Secret\nmetadata: {name: b-tls, namespace: shop}\ndata: {x: eA==}\n")
	file := s.file("others", "{http01: {}}", "expose:\n"+expose("a", "others", "a.example.com")+expose("b", "others", "b.example.com"))
	once := append([]string{"run", "--once", "-f", file}, s.static()...)
	_, talk := certs(t, 1, once...)
	for _, want := range []string{"deferred: shop/a-tls (Ingress/a): the Secret was created by ", "or adopt it with kubectl certs run --adopt", "deferred: shop/b-tls (Ingress/b): the Secret has type Opaque"} {
		if !strings.Contains(talk, want) {
			t.Errorf("%q is missing of\n%s", want, talk)
		}
	}
	certs(t, 1, append(once, "--adopt")...)
	s.issued("a-tls", "a.example.com")
}

func TestLiveRunTLSALPN(t *testing.T) {
	s := startIssuing(t)
	s.names("alpn.example.com")
	file := s.file("alpn", "{http01: {}}", "expose:\n"+expose("a", "alpn", "alpn.example.com"))
	certs(t, 0, "run", "--once", "-f", file, "--listen-tls", "127.0.0.1:"+s.Env["TLSALPN_PORT"])
	s.issued("a-tls", "alpn.example.com")
}

// account is what a dry run says of the account of a ClusterIssuer.
func (s issuing) account(file, issuer string) (url, thumbprint string) {
	s.t.Helper()
	var plan struct {
		Accounts map[string]struct{ URL, Thumbprint string }
	}
	out, _ := certs(s.t, 0, "run", "--dry-run", "-o", "json", "-f", file)
	if err := json.Unmarshal([]byte(out), &plan); err != nil {
		s.t.Fatal(err)
	}
	account := plan.Accounts["ClusterIssuer "+issuer]
	return account.URL, account.Thumbprint
}

// TestLiveRunResponderOnly: a second process that knows nothing but a
// thumbprint answers, while the one that orders does not.
func TestLiveRunResponderOnly(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com", "b.example.com")
	file := s.file("apart", "{http01: {}}", "expose:\n"+expose("a", "apart", "a.example.com"))
	certs(t, 0, append([]string{"run", "--once", "-f", file}, s.static()...)...)
	_, thumbprint := s.account(file, "apart")
	address := "127.0.0.1:" + s.Env["HTTP01_PORT"]
	background(t, "kubectl-certs", "run", "--responder-only", "--listen", address, "--thumbprint", thumbprint)
	await(t, "the responder", func() string {
		const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
		if got, want := get(t, "http://"+address+"/.well-known/acme-challenge/"+token), token+"."+thumbprint; got != want {
			return fmt.Sprintf("answers %q, want %q", got, want)
		}
		return ""
	})
	more := s.file("apart", "{http01: {}}", "expose:\n"+expose("a", "apart", "a.example.com", "b.example.com"))
	certs(t, 0, "run", "--once", "-f", more, "--http01", "static", "--listen", "127.0.0.1:0")
	s.issued("a-tls", "a.example.com", "b.example.com")
}

// TestLiveRunFollows: a run that keeps running meets demand as it comes and
// changes, ends quickly, and leaves its Lease free.
func TestLiveRunFollows(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com", "b.example.com")
	metrics := "127.0.0.1:" + freePort(t)
	p := background(t, "kubectl-certs", append([]string{"run", "-A", "--metrics-listen", metrics}, s.static()...)...)
	certs(t, 0, "apply", "-f", s.file("follow", "{http01: {}}", "expose:\n"+expose("a", "follow", "a.example.com")))
	s.eventually("a-tls", "a.example.com")
	await(t, "metrics", func() string {
		said := get(t, "http://"+metrics+"/metrics")
		for _, want := range []string{
			`kubectl_certs_certificate_status{namespace="shop",secret="a-tls",status="ok"} 1`, `kubectl_certs_issued_total{issuer="ClusterIssuer follow",why="missing"} 1`,
			`kubectl_certs_certificate_renewal_timestamp_seconds{namespace="shop",secret="a-tls",source="the CA's renewal information"}`, "kubectl_certs_orders_under_way 0",
		} {
			if !strings.Contains(said, want) {
				return "lack " + want
			}
		}
		return ""
	})
	if ready := get(t, "http://"+metrics+"/readyz"); ready != "ok\n" {
		t.Errorf("/readyz says %q", ready)
	}
	certs(t, 0, "apply", "-f", s.file("follow", "{http01: {}}", "expose:\n"+expose("a", "follow", "a.example.com", "b.example.com")))
	s.eventually("a-tls", "a.example.com", "b.example.com")
	if err := s.client.Resource(secretsOf).Namespace("shop").Delete(t.Context(), "a-tls", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.eventually("a-tls", "a.example.com", "b.example.com")

	start := time.Now()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil || time.Since(start) > 5*time.Second {
		t.Errorf("ended after %s with %v", time.Since(start), err)
	}
	once := append([]string{"run", "--once", "-A"}, s.static()...)
	if _, talk := certs(t, 0, once...); strings.Contains(talk, "waiting") {
		t.Errorf("the next run waits\n%s", talk)
	}
}

// TestLiveRunCRDsLater: a run that started on an empty cluster follows what is
// installed afterwards.
func TestLiveRunCRDsLater(t *testing.T) {
	s := issuingIn(t, startEmptyLab(t))
	s.names("a.example.com")
	background(t, "kubectl-certs", append([]string{"run", "-A"}, s.static()...)...)
	await(t, "the Lease", func() string {
		_, err := s.client.Resource(schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}).Namespace("default").Get(t.Context(), "kubectl-certs-run", metav1.GetOptions{})
		if err != nil {
			return err.Error()
		}
		return ""
	})
	s.Run("crds", "cert-manager")
	certs(t, 0, "apply", "-f", s.file("later", "{http01: {}}", "expose:\n"+expose("a", "later", "a.example.com")))
	s.eventually("a-tls", "a.example.com")
}

func (s issuing) eventually(secret string, names ...string) {
	s.t.Helper()
	await(s.t, secret, func() string {
		o, err := s.client.Resource(secretsOf).Namespace("shop").Get(s.t.Context(), secret, metav1.GetOptions{})
		if err != nil {
			return err.Error()
		}
		if got := o.GetAnnotations()["cert-manager.io/alt-names"]; got != strings.Join(names, ",") {
			return "is for " + got
		}
		if _, err := s.client.Resource(secretsOf).Namespace("shop").Get(s.t.Context(), secret+"-kubectl-certs-order", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return "the order is still there"
		}
		return ""
	})
	s.issued(secret, names...)
}

// background starts a process that is killed when the test ends.
func background(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	p := exec.Command(name, args...)
	var log bytes.Buffer
	p.Stdout, p.Stderr = &log, &log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
		if t.Failed() {
			t.Logf("%s %v says\n%s", name, args, log.String())
		}
	})
	return p
}

// get is the body of a page, whatever its status.
func get(t testing.TB, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
