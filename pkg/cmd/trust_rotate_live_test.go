package cmd_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

var configMapsOf = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// fleet is a rotation on a real cluster with cert-manager, and the pods of it.
// There is no kubelet: the test starts pods, and a pod loads what it mounts
// when it starts, as most programs do.
type fleet struct {
	clusterChecks
	lab  lab
	dir  string // the repository
	pods map[string]*fleetPod
}

// fleetPod is a process: a server that serves what its Secret held when it
// started, and a client that trusts what the ConfigMap held then.
type fleetPod struct {
	name     string
	listener net.Listener
	serves   atomic.Pointer[tls.Certificate]
	trusts   *x509.CertPool
}

const fleetPodManifest = `
{apiVersion: v1, kind: Pod, metadata: {name: %[1]s, namespace: shop, labels: {app: %[1]s}}, spec: {containers: [{name: c, image: i}],
 volumes: [{name: tls, secret: {secretName: %[1]s-tls}}, {name: roots, projected: {sources: [{configMap: {name: corp-roots}}]}}]}}`

var fleetNames = []string{"web", "api"}

func startFleet(t *testing.T, l lab, old, fresh signer) *fleet {
	t.Helper()
	f := &fleet{clusterChecks: clusterChecks{t, l.client()}, lab: l, dir: t.TempDir(), pods: map[string]*fleetPod{}}
	makeNamespaces(t, f.client, "shop", "cert-manager")
	l.put(f.client, fill(`{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: corp-ca, namespace: cert-manager}, stringData: {tls.crt: {old}, tls.key: {old.key}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: corp-ca-2026, namespace: cert-manager}, stringData: {tls.crt: {new}, tls.key: {new.key}}}
`, map[string]signer{"old": old, "new": fresh}))
	startCertManager(t, l)
	write(t, filepath.Join(f.dir, "old.pem"), old.pem())
	write(t, filepath.Join(f.dir, "new.pem"), fresh.pem())
	write(t, filepath.Join(f.dir, "roots.pem"), old.pem())
	write(t, filepath.Join(f.dir, "certs.yaml"), `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: fleet}
issuers:
- name: corp
  ca:
    secretName: corp-ca # the one of 2016
trust:
- {name: corp-roots, from: [roots.pem], to: {configmap: {namespaces: [shop]}}}
`)
	f.sync()
	for _, name := range fleetNames {
		l.put(f.client, fmt.Sprintf(`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %[1]s, namespace: shop},
 spec: {secretName: %[1]s-tls, dnsNames: [%[1]s.example.com], privateKey: {algorithm: ECDSA}, issuerRef: {name: corp, kind: ClusterIssuer}}}`, name))
	}
	for _, name := range fleetNames {
		f.ready("Certificate", "shop", name)
		f.pods[name] = &fleetPod{name: name}
		f.pods[name].listen(t)
	}
	write(t, filepath.Join(f.dir, "rotation.yaml"), `apiVersion: kubectl-certs.dev/v1alpha1
kind: Rotation
metadata: {name: corp}
old: [old.pem]
new: [new.pem]
bundle: roots.pem
trust: {file: certs.yaml, name: corp-roots}
servers: ["`+f.pods["web"].listener.Addr().String()+`"]
issuers:
- {kind: ClusterIssuer, name: corp, secretName: corp-ca-2026, file: certs.yaml}
`)
	return f
}

// sync is what CI and GitOps do: what is in the repository is generated, and
// gets into the cluster.
func (f *fleet) sync() {
	f.t.Helper()
	file := filepath.Join(f.dir, "certs.yaml")
	certs(f.t, 0, "generate", "-f", file)
	certs(f.t, 0, "apply", "-f", file)
}

func (f *fleet) file(name string) string {
	f.t.Helper()
	data, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(data)
}

// restart replaces a pod by a new one, which loads what there is now.
func (f *fleet) restart(name string) {
	f.t.Helper()
	pods := f.client.Resource(podsOf).Namespace("shop")
	_ = pods.Delete(f.t.Context(), name, metav1.DeleteOptions{}) // there is none the first time
	f.lab.put(f.client, fmt.Sprintf(fleetPodManifest, name))
	status, err := json.Marshal(map[string]any{"status": map[string]any{"phase": "Running", "startTime": metav1.Now()}})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := pods.Patch(f.t.Context(), name, types.MergePatchType, status, metav1.PatchOptions{}, "status"); err != nil {
		f.t.Fatal(err)
	}
	f.pods[name].load(f)
}

func (p *fleetPod) load(f *fleet) {
	f.t.Helper()
	data := f.secret("shop", p.name+"-tls")
	pair, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"])
	if err != nil {
		f.t.Fatal(err)
	}
	config, err := f.client.Resource(configMapsOf).Namespace("shop").Get(f.t.Context(), "corp-roots", metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	text := config.Object["data"].(map[string]any)["ca.crt"].(string)
	p.trusts = roots(f.t, []byte(text))
	p.serves.Store(&pair)
}

// listen opens the port that stays the same through all restarts.
func (p *fleetPod) listen(t *testing.T) {
	t.Helper()
	var err error
	p.listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return p.serves.Load(), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.listener.Close() })
	go serveHandshakes(p.listener)
}

func serveHandshakes(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			_ = conn.(*tls.Conn).Handshake() // the client says what it thought of it
		}()
	}
}

// handshakes wants every pod to talk to every other, and itself.
func (f *fleet) handshakes(when string) {
	f.t.Helper()
	for _, client := range f.pods {
		for _, server := range f.pods {
			if err := server.answers(client.trusts); err != nil {
				f.t.Errorf("%s: %s refuses %s: %v", when, client.name, server.name, err)
			}
		}
	}
}

func (p *fleetPod) answers(trusts *x509.CertPool) error {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: trusts, ServerName: p.name + ".example.com"}}
	conn, err := dialer.DialContext(ctx, "tcp", p.listener.Addr().String())
	if err == nil {
		err = conn.Close()
	}
	return err
}

// rollout restarts pods one by one, and talks after each.
func (f *fleet) rollout(when string) {
	f.t.Helper()
	for _, name := range fleetNames {
		f.restart(name)
		f.handshakes(when + ", " + name + " restarted")
	}
}

func (f *fleet) rotate(code int, args ...string) (out, talk string) {
	f.t.Helper()
	return certs(f.t, code, append(append([]string{"trust", "rotate"}, args...), "-f", filepath.Join(f.dir, "rotation.yaml"))...)
}

// at wants the rotation to be at a step, and some gates open.
func (f *fleet) at(step string, waitsFor int, gates string) {
	f.t.Helper()
	out, _ := f.rotate(0, "status", "-o", "json")
	var v struct {
		Step  string
		Items []struct {
			Step     string
			WaitsFor []struct{ What, Why string }
		}
		Gates map[string]bool
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		f.t.Fatal(err)
	}
	waits := 0
	for _, s := range v.Items {
		if s.Step == v.Step {
			waits = len(s.WaitsFor)
		}
	}
	if v.Step != step || waits != waitsFor {
		f.t.Fatalf("is at %s and waits for %d, want %s and %d:\n%s", v.Step, waits, step, waitsFor, out)
	}
	for _, gate := range []string{"distributed", "drained", "done"} {
		want := strings.Contains(gates, gate)
		if v.Gates[gate] != want {
			f.t.Errorf("at %s, gate %s is %v", step, gate, v.Gates[gate])
		}
		code := 1
		if want {
			code = 0
		}
		f.rotate(code, "status", "--gate", gate)
	}
}

// documented wants status to say what docs/trust.md shows, times aside.
func (f *fleet) documented() {
	f.t.Helper()
	docs, err := os.ReadFile(filepath.Join("..", "..", "docs", "trust.md"))
	if err != nil {
		f.t.Fatal(err)
	}
	out, _ := f.rotate(0, "status")
	times := regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)
	if block := times.ReplaceAllString(out, "TIME"); !strings.Contains(times.ReplaceAllString(string(docs), "TIME"), "\n"+block+"```\n") {
		f.t.Errorf("docs/trust.md does not show\n%s", out)
	}
}

// refused wants next to do nothing.
func (f *fleet) refused(why string) {
	f.t.Helper()
	before := f.file("roots.pem") + f.file("certs.yaml")
	out, _ := f.rotate(1, "next")
	if !strings.Contains(out, why) {
		f.t.Errorf("next says\n%s", out)
	}
	if f.file("roots.pem")+f.file("certs.yaml") != before {
		f.t.Error("next edits files before its time")
	}
}

// nextSecond waits until the API server's times, which are whole seconds, tell
// what follows from what was.
func nextSecond() {
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1100 * time.Millisecond)))
}

// renew asks cert-manager as cmctl does, and waits for what the issuer signs.
func (f *fleet) renew(name string, by signer) {
	f.t.Helper()
	certificates := f.client.Resource(kinds["Certificate"]).Namespace("shop")
	issuing, err := json.Marshal(map[string]any{"status": map[string]any{"conditions": []any{map[string]any{
		"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "Certificate re-issuance manually triggered", "lastTransitionTime": metav1.Now(),
	}}}})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := certificates.Patch(f.t.Context(), name, types.MergePatchType, issuing, metav1.PatchOptions{}, "status"); err != nil {
		f.t.Fatal(err)
	}
	await(f.t, name+" of the new CA", func() string {
		pair, err := tls.X509KeyPair(f.secret("shop", name+"-tls")["tls.crt"], f.secret("shop", name+"-tls")["tls.key"])
		if err != nil {
			return err.Error()
		}
		if err := pair.Leaf.CheckSignatureFrom(by.cert); err != nil {
			return err.Error()
		}
		return ""
	})
}

// TestLiveRotation goes through a whole rotation: cert-manager's controllers
// issue, every pod shakes hands with every other at every point between, and
// nothing can be done in another order.
func TestLiveRotation(t *testing.T) {
	built(t, "lab-cert-manager", "make -C lab full")
	l := startTrustLab(t)
	old, fresh := newRoot(t, "Old Root"), newRoot(t, "New Root")
	f := startFleet(t, l, old, fresh)
	for _, name := range fleetNames {
		f.restart(name)
	}
	f.handshakes("at the start")

	// The new root joins the old.
	f.at("add", 0, "")
	f.rotate(0, "next", "--dry-run")
	if f.file("roots.pem") != old.pem() {
		t.Error("a dry run writes")
	}
	if out, _ := f.rotate(0, "next"); !strings.Contains(out, "roots.pem: + CN=New Root, until ") || strings.Count(f.file("roots.pem"), "BEGIN CERTIFICATE") != 2 {
		t.Errorf("next says\n%s", out)
	}
	f.at("distribute", 1, "")
	f.refused("configmap/shop/corp-roots:ca.crt: lacks CN=New Root")
	f.sync()
	f.handshakes("the bundle has both")
	f.at("distribute", 2, "")
	f.documented()
	f.refused("pod/shop/api: 1 pod started before configmap/shop/corp-roots changed")
	nextSecond()
	f.restart("web")
	f.handshakes("one pod knows both")
	f.at("distribute", 1, "")
	f.restart("api")
	f.handshakes("all pods know both")

	// Issuance is switched.
	f.at("switch", 1, "distributed")
	if out, talk := f.rotate(0, "next"); !strings.Contains(talk, " generate -f "+filepath.Join(f.dir, "certs.yaml")+", commit, deploy") || !strings.Contains(out, "certs.yaml: clusterissuer/corp signs with corp-ca-2026") || !strings.Contains(f.file("certs.yaml"), "secretName: corp-ca-2026 # the one of 2016") {
		t.Errorf("next says\n%s", out)
	}
	f.refused("clusterissuer/corp: signs with secret/cert-manager/corp-ca, which is CN=Old Root")
	f.sync()
	f.at("drain", 3, "distributed") // two Secrets, and what the server answers
	f.refused("  cmctl renew -n shop web")
	f.refused(": serves web.example.com, which is issued under CN=Old Root")

	// Removing the old root by hand now is reported, and would have broken this.
	both := f.file("roots.pem")
	write(t, filepath.Join(f.dir, "roots.pem"), fresh.pem())
	f.at("remove", 0, "")
	if _, talk := f.rotate(1, "next"); !strings.Contains(talk, "warning: CN=Old Root was removed from the bundle too early") {
		t.Errorf("next says\n%s", talk)
	}
	if err := f.pods["web"].answers(roots(t, []byte(fresh.pem()))); err == nil {
		t.Error("a client without the old root would have done: this test proves nothing")
	}
	write(t, filepath.Join(f.dir, "roots.pem"), both)

	// Certificates are renewed, one by one, and then loaded.
	f.renew("web", fresh)
	f.handshakes("one Secret is new")
	f.at("drain", 3, "distributed") // one Secret is old; one pod may have an old one in memory, and its server says so
	f.renew("api", fresh)
	f.handshakes("both Secrets are new")
	if out, _ := certs(t, 0, "trust", "usage", filepath.Join(f.dir, "old.pem")); out != "" {
		t.Errorf("still need the old root:\n%s", out)
	}
	f.refused("pod/shop/web: 1 pod started before secret/shop/web-tls changed")
	if err := f.pods["web"].answers(roots(t, []byte(fresh.pem()))); err == nil {
		t.Error("the pod does not serve the old certificate any more: this test proves nothing")
	}
	nextSecond()
	f.rollout("new certificates")

	// The old root goes.
	f.at("remove", 0, "distributed drained")
	if out, _ := f.rotate(0, "next"); !strings.Contains(out, "roots.pem: - CN=Old Root, until ") || strings.Count(f.file("roots.pem"), "BEGIN CERTIFICATE") != 1 {
		t.Errorf("next says\n%s", out)
	}
	f.at("settle", 1, "distributed drained")
	f.sync()
	f.handshakes("the old root is gone")
	f.at("settle", 2, "distributed drained")
	nextSecond()
	f.rollout("without the old root")
	f.at("done", 0, "distributed drained done")
	f.rotate(0, "next")
	if err := f.pods["web"].answers(roots(t, []byte(old.pem()))); err == nil {
		t.Error("the old root still vouches: this test proves nothing")
	}
	certs(t, 0, "trust", "verify", filepath.Join(f.dir, "new.pem"), "--in", "corp-roots")
	certs(t, 0, "trust", "verify", "-f", filepath.Join(f.dir, "certs.yaml"))
}
