package cmd_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// tap stands between a run and its servers, counts what matters, and stops the
// run before or after one request.
type tap struct {
	lock   sync.Mutex
	seen   int
	stopAt int  // counted from 1; 0 for never
	after  bool // the server has done it, and the run does not hear of it
	what   string
	reach  chan struct{} // closed when the request is reached
	hold   chan struct{} // closed to let it go
	orders int           // made at the CA
	// fault, if not nil, may answer a request in place of the server.
	fault func(w http.ResponseWriter, r *http.Request) (answered bool)
}

func (p *tap) arm(at int, after bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.seen, p.stopAt, p.after, p.what, p.orders = 0, at, after, "", 0
	p.reach, p.hold = make(chan struct{}), make(chan struct{})
}

// through serves a request, or keeps it.
func (p *tap) through(w http.ResponseWriter, r *http.Request, next http.Handler) {
	p.lock.Lock()
	hit := false
	if matters(r) {
		p.seen++
		if hit = p.seen == p.stopAt; hit {
			p.what = r.Method + " " + r.URL.Path
		}
	}
	after, reach, hold := p.after, p.reach, p.hold
	p.lock.Unlock()
	if hit && !after {
		close(reach)
		<-hold
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	if strings.HasPrefix(r.URL.Path, "/order-plz") && answer.Code == http.StatusCreated {
		p.lock.Lock()
		p.orders++
		p.lock.Unlock()
	}
	if hit {
		close(reach)
		<-hold
		panic(http.ErrAbortHandler)
	}
	for key, values := range answer.Header() {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// matters leaves out what only reads the cluster, and the Lease.
func matters(r *http.Request) bool {
	switch path := r.URL.Path; {
	case strings.Contains(path, "/leases"):
		return false
	case strings.Contains(path, "/secrets"):
		return true
	case strings.HasPrefix(path, "/api"), strings.HasPrefix(path, "/nonce"), strings.HasPrefix(path, "/openapi"), strings.HasPrefix(path, "/version"):
		return false
	}
	return true
}

// tapped makes a proxy to a server that speaks TLS as a CA of our own.
func tapped(t testing.TB, p *tap, ca *tls.Certificate, to string, trust *tls.Config) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		// The Host stays: Pebble makes its URLs from it.
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, r.In.Host
		},
		Transport: &http.Transport{TLSClientConfig: trust},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case p.fault != nil && p.fault(w, r):
		case r.URL.Query().Get("watch") != "":
			proxy.ServeHTTP(w, r) // an answer that has no end
		default:
			p.through(w, r, proxy)
		}
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{*ca}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// loopback is a certificate for 127.0.0.1 that signs itself.
func loopback(t testing.TB) (*tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tap"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// through makes a kubeconfig and an ACME directory that lead through a tap.
func (s issuing) through(p *tap) (directory, bundle string) {
	s.t.Helper()
	ca, trusted := loopback(s.t)
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(s.Dir, "kubeconfig"))
	if err != nil {
		s.t.Fatal(err)
	}
	trust, err := rest.TLSConfigFor(config)
	if err != nil {
		s.t.Fatal(err)
	}
	kube := clientcmdapi.NewConfig()
	kube.Clusters["tap"] = &clientcmdapi.Cluster{Server: tapped(s.t, p, ca, config.Host, trust), CertificateAuthorityData: trusted}
	kube.AuthInfos["tap"] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	kube.Contexts["tap"] = &clientcmdapi.Context{Cluster: "tap", AuthInfo: "tap"}
	kube.CurrentContext = "tap"
	file := filepath.Join(s.dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*kube, file); err != nil {
		s.t.Fatal(err)
	}
	s.t.Setenv("KUBECONFIG", file)
	acmeCA, err := os.ReadFile(s.Env["ACME_CA"])
	if err != nil {
		s.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(acmeCA)
	u, err := url.Parse(s.Env["ACME_DIRECTORY"])
	if err != nil {
		s.t.Fatal(err)
	}
	return tapped(s.t, p, ca, "https://"+u.Host, &tls.Config{RootCAs: pool}) + u.Path, base64.StdEncoding.EncodeToString(trusted)
}

// answer answers every challenge where Pebble looks, by the account key of the
// issuer that is called as the host.
func (s issuing) answer() { s.answerFor("") }

// answerFor is answer by the account key of one issuer.
func (s issuing) answerFor(one string) {
	s.t.Helper()
	accounts := s.client.Resource(secretsOf).Namespace("cert-manager")
	listener, err := net.Listen("tcp", "127.0.0.1:"+s.Env["HTTP01_PORT"])
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		issuer, _, _ := strings.Cut(r.Host, ".")
		issuer = cmp.Or(one, issuer)
		secret, err := accounts.Get(r.Context(), issuer+"-account-key", metav1.GetOptions{})
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		text, err := base64.StdEncoding.DecodeString(secret.Object["data"].(map[string]any)["tls.key"].(string))
		if err != nil {
			s.t.Error(err)
		}
		key, err := cmpki.DecodePrivateKeyBytes(text)
		if err != nil {
			s.t.Error(err)
		}
		thumbprint, err := responder.Thumbprint(key.Public())
		if err != nil {
			s.t.Error(err)
		}
		_, _ = io.WriteString(w, path.Base(r.URL.Path)+"."+thumbprint)
	}))
	server.Listener = listener
	server.Start()
	s.t.Cleanup(server.Close)
}

// TestLiveRunKilled: a run is killed before and after every single request
// that it makes, to the CA and about Secrets. The next run ends issued, with
// one order made in all.
func TestLiveRunKilled(t *testing.T) {
	s := startIssuing(t)
	var p tap
	directory, bundle := s.through(&p)
	// What answers goes on while runs die, as another replica would.
	s.answer()
	flags := []string{"--http01", "static", "--listen", "127.0.0.1:0", "--leader-elect-lease-duration", "1s"}
	once := func(name string) []string {
		return append([]string{"run", "--once", "-f", filepath.Join(s.dir, name+".yaml")}, flags...)
	}
	demand := func(name string) {
		s.names(name + ".example.com")
		s.fileFor(name, directory, bundle, "{http01: {}}", "expose:\n"+strings.Replace(expose(name, name, name+".example.com"), "kind: Certs", "", 1))
	}
	states := 0
	for step := 1; ; step++ {
		reached := false
		for _, after := range []bool{false, true} {
			name := fmt.Sprintf("k%d-%v", step, after)
			demand(name)
			p.arm(step, after)
			cmd := exec.Command("kubectl-certs", once(name)...)
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case <-p.reach:
				reached = true
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				<-ended
				close(p.hold)
			case err := <-ended:
				if err != nil {
					t.Fatalf("%s: %v\n%s", name, err, said.String())
				}
				s.issued(name+"-tls", name+".example.com")
				continue
			}
			what, orders := p.what, p.orders
			p.lock.Lock()
			p.stopAt = 0
			p.lock.Unlock()
			out, talk := certs(t, 0, once(name)...)
			s.issued(name+"-tls", name+".example.com")
			if p.orders != 1 {
				t.Errorf("killed at %s (after: %v): %d orders, %d of them before\n%s%s", what, after, p.orders, orders, out, talk)
			}
			states++
		}
		if !reached {
			break
		}
	}
	if states < 20 {
		t.Errorf("killed at %d states only", states)
	}
	t.Logf("killed at %d states", states)
}

// TestLiveRunTwoAtOnce: two runs with the same requests at the same time
// make one order for each certificate.
func TestLiveRunTwoAtOnce(t *testing.T) {
	s := startIssuing(t)
	var p tap
	directory, bundle := s.through(&p)
	var demands strings.Builder
	const n = 20
	for i := range n {
		s.names(fmt.Sprintf("two.n%d.example.com", i))
		demands.WriteString(expose(fmt.Sprintf("n%d", i), "two", fmt.Sprintf("two.n%d.example.com", i)))
	}
	file := s.fileFor("two", directory, bundle, "{http01: {}}", "expose:\n"+demands.String())
	s.answer()
	p.arm(0, false)
	flags := []string{"run", "--once", "-f", file, "--http01", "static", "--listen", "127.0.0.1:0", "--leader-elect-lease-duration", "2s"}
	a, b := background(t, "kubectl-certs", flags...), background(t, "kubectl-certs", flags...)
	for _, run := range []*exec.Cmd{a, b} {
		if err := run.Wait(); err != nil {
			t.Errorf("a run ends with %v", err)
		}
	}
	for i := range n {
		s.issued(fmt.Sprintf("n%d-tls", i), fmt.Sprintf("two.n%d.example.com", i))
	}
	if p.orders != n {
		t.Errorf("%d orders for %d certificates", p.orders, n)
	}
}

// TestLiveRunServersDie: the API server, and then the CA, are killed and
// started while a run works. It ends with everything issued, or the next one
// does; nothing is lost.
func TestLiveRunServersDie(t *testing.T) {
	s := startIssuing(t)
	for _, part := range []string{"kube-apiserver", "pebble"} {
		var demands strings.Builder
		const n = 30
		for i := range n {
			s.names(fmt.Sprintf("%s.n%d.example.com", part, i))
			demands.WriteString(expose(fmt.Sprintf("%s-n%d", part, i), part, fmt.Sprintf("%s.n%d.example.com", part, i)))
		}
		file := s.file(part, "{http01: {}}", "expose:\n"+demands.String())
		once := append([]string{"run", "--once", "-f", file, "--workers", "4", "--leader-elect-lease-duration", "3s"}, s.static()...)
		run := background(t, "kubectl-certs", once...)
		await(t, "a first certificate", func() string {
			if _, err := s.client.Resource(secretsOf).Namespace("shop").Get(t.Context(), part+"-n0-tls", metav1.GetOptions{}); err != nil {
				return err.Error()
			}
			return ""
		})
		s.Run("kill", part)
		time.Sleep(2 * time.Second)
		s.Run("start", part)
		t.Logf("%s killed and started: the run ends with %v", part, run.Wait())
		// What failed meanwhile waits for its next try, unless renew is called.
		for i := range n {
			_, _ = finish("renew", fmt.Sprintf("%s-n%d-tls", part, i), "-n", "shop")
		}
		if out, talk := finish(once...); !strings.Contains(talk, "0 failed, 0 deferred") {
			t.Fatalf("after %s was killed\n%s%s", part, out, talk)
		}
		left, err := s.client.Resource(secretsOf).Namespace("shop").List(t.Context(), metav1.ListOptions{FieldSelector: "type=kubectl-certs.dev/order"})
		if err != nil || len(left.Items) > 0 {
			t.Errorf("after %s was killed, %d orders are left (%v)", part, len(left.Items), err)
		}
	}
}

// finish runs a command whatever comes of it.
func finish(args ...string) (stdout, stderr string) {
	var out, talk bytes.Buffer
	env := iostreams.IO{In: strings.NewReader(""), Out: &out, Err: &talk}
	cmd.Main(context.Background(), env, "v0.0.0-test", append([]string{"kubectl-certs"}, args...))
	return out.String(), talk.String()
}

// TestLiveRunStandby: a second replica takes over when the first dies, and
// knows what came and went while it waited.
func TestLiveRunStandby(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com", "b.example.com", "c.example.com")
	flags := append([]string{"run", "-A", "--leader-elect-lease-duration", "2s"}, s.static()...)
	certs(t, 0, "apply", "-f", s.file("standby", "{http01: {}}", "expose:\n"+expose("a", "standby", "a.example.com")+expose("b", "standby", "b.example.com")))
	first := background(t, "kubectl-certs", flags...)
	s.eventually("a-tls", "a.example.com")
	s.eventually("b-tls", "b.example.com")
	flags[len(flags)-1] = "127.0.0.1:0" // the first one listens where Pebble looks
	background(t, "kubectl-certs", flags...)
	time.Sleep(2 * time.Second)
	ingresses, secrets := s.client.Resource(kinds["Ingress"]).Namespace("shop"), s.client.Resource(secretsOf).Namespace("shop")
	for _, err := range []error{
		ingresses.Delete(t.Context(), "b", metav1.DeleteOptions{}), secrets.Delete(t.Context(), "b-tls", metav1.DeleteOptions{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	s.answerFor("standby")
	certs(t, 0, "apply", "-f", s.file("standby", "{http01: {}}", "expose:\n"+expose("a", "standby", "a.example.com")+expose("c", "standby", "c.example.com")))
	s.eventually("c-tls", "c.example.com")
	if _, err := secrets.Get(t.Context(), "b-tls", metav1.GetOptions{}); err == nil {
		t.Error("a certificate without a request was issued")
	}
}
