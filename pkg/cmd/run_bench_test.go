package cmd_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	"github.com/go-acme/lego/v4/certcrypto"
	"github.com/go-acme/lego/v4/certificate"
	"github.com/go-acme/lego/v4/lego"
	legolog "github.com/go-acme/lego/v4/log"
	"github.com/go-acme/lego/v4/registration"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// BenchmarkLiveRun issues by the real binaries and loops of others, one after
// another on one lab: make -C lab bench-run. Account keys are ECDSA P-256, or
// RSA 2048, which cert-manager needs; keys of certificates are ECDSA P-256.
func BenchmarkLiveRun(b *testing.B) {
	bin := ours(b)
	s := startIssuing(b)
	s.zoneFor("bench", 1500)
	for _, account := range []struct {
		kind string
		key  crypto.Signer
	}{{"ecdsa", ecKey(b)}, {"rsa", rsaKey(b)}} {
		text, err := cmpki.EncodePrivateKey(account.key, "")
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range []int{1000, 1500} {
			b.Run(fmt.Sprintf("kubectl-certs/%s/%d", account.kind, n), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					name := fmt.Sprintf("ours-%s%d-%d", account.kind, n, i)
					makeSecret(b, s.client, name+"-account-key", "tls.key", string(text))
					s.ours(b, bin, name, n)
				}
			})
		}
		for _, workers := range []int{64, 256} {
			b.Run(fmt.Sprintf("lego-Obtain/%s/%d", account.kind, workers), func(b *testing.B) {
				for b.Loop() {
					s.lego(b, account.key, workers)
				}
			})
		}
	}
	minutes := 5 * time.Minute
	for _, flags := range []struct {
		name string
		args []string
	}{
		{"cert-manager-default", []string{"--dns01-check-retry-period", "10s", "--max-concurrent-challenges", "60", "--concurrent-workers", "5", "--kube-api-qps", "20", "--kube-api-burst", "50"}},
		{"cert-manager-tuned", nil},
	} {
		b.Run(flags.name, func(b *testing.B) {
			for b.Loop() {
				s.certManager(b, flags.name, flags.args, minutes)
			}
		})
	}
}

// zoneFor makes names lead here.
func (s issuing) zoneFor(domain string, n int) {
	var zone strings.Builder
	for i := range n {
		fmt.Fprintf(&zone, "h%d.%s.example.com. A 127.0.0.1\n", i, domain)
	}
	s.records(http.MethodPost, "", zone.String())
}

var took = regexp.MustCompile(`issued in (\S+),`)

// ours runs our binary on n hosts, as one process.
func (s issuing) ours(b *testing.B, bin, name string, n int) {
	b.StopTimer()
	var demands strings.Builder
	for i := range n {
		demands.WriteString(expose(fmt.Sprintf("%s-%d", name, i), name, fmt.Sprintf("h%d.bench.example.com", i)))
	}
	file := s.file(name, "{http01: {}}", "expose:\n"+strings.ReplaceAll(demands.String(), "className: traefik", "className: "+name))
	cmd := exec.Command(bin, append([]string{"run", "--once", "-f", file}, s.static()...)...)
	b.StartTimer()
	start := time.Now()
	out, err := cmd.Output()
	elapsed := time.Since(start)
	if err != nil {
		b.Fatalf("%v\n%s", err, out[max(0, len(out)-2000):])
	}
	var each []time.Duration
	for _, match := range took.FindAllSubmatch(out, -1) {
		d, err := time.ParseDuration(string(match[1]))
		if err != nil {
			b.Fatal(err)
		}
		each = append(each, d)
	}
	if len(each) != n {
		b.Fatalf("%d of %d issued", len(each), n)
	}
	report(b, n, elapsed, each)
	b.ReportMetric(float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024, "RSS-MB")
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	b.ReportMetric(cpu.Seconds()*1000/float64(n), "CPU-ms/cert")
}

func report(b *testing.B, n int, elapsed time.Duration, each []time.Duration) {
	slices.Sort(each)
	b.ReportMetric(float64(n)/elapsed.Seconds(), "cert/s")
	b.ReportMetric(each[len(each)/2].Seconds(), "p50-s")
	b.ReportMetric(each[len(each)*99/100].Seconds(), "p99-s")
}

func ecKey(b testing.TB) crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	return key
}

func rsaKey(b testing.TB) crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	return key
}

// user is an account of lego.
type user struct {
	key          crypto.Signer
	registration *registration.Resource
}

func (u *user) GetEmail() string                        { return "" }
func (u *user) GetRegistration() *registration.Resource { return u.registration }
func (u *user) GetPrivateKey() crypto.PrivateKey        { return u.key }

// nothing is a provider of lego that need not do anything.
type nothing struct{}

func (nothing) Present(_, _, _ string) error { return nil }
func (nothing) CleanUp(_, _, _ string) error { return nil }

// legoClient is a client of lego with an account of a key, whose HTTP-01
// challenges are answered without state.
func (s issuing) legoClient(b testing.TB, directory string, bundle []byte, key crypto.Signer) *lego.Client {
	b.Helper()
	legolog.Logger = log.New(io.Discard, "", 0)
	u := &user{key: key}
	config := lego.NewConfig(u)
	config.CADirURL, config.Certificate.KeyType = directory, certcrypto.EC256
	config.Certificate.OverallRequestLimit = 1_000_000
	config.HTTPClient = &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots(b, bundle)}, MaxIdleConnsPerHost: 256}}
	client, err := lego.NewClient(config)
	if err != nil {
		b.Fatal(err)
	}
	if u.registration, err = client.Registration.Register(registration.RegisterOptions{TermsOfServiceAgreed: true}); err != nil {
		b.Fatal(err)
	}
	if err := client.Challenge.SetHTTP01Provider(nothing{}); err != nil {
		b.Fatal(err)
	}
	var accounts responder.Table
	thumbprint, err := responder.Thumbprint(u.key.Public())
	if err != nil {
		b.Fatal(err)
	}
	accounts.AddRest(thumbprint)
	answers := responder.Responder{Thumbprints: accounts.Thumbprints}
	listener, err := net.Listen("tcp", "127.0.0.1:"+s.Env["HTTP01_PORT"])
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: &answers}
	go server.Serve(listener)
	b.Cleanup(func() { server.Close() })
	return client
}

// lego is a loop of Obtain for 1,000 names.
func (s issuing) lego(b *testing.B, key crypto.Signer, inFlight int) {
	const n = 1000
	b.StopTimer()
	ca, err := os.ReadFile(s.Env["ACME_CA"])
	if err != nil {
		b.Fatal(err)
	}
	client := s.legoClient(b, s.Env["ACME_DIRECTORY"], ca, key)
	b.StartTimer()
	start := time.Now()
	each := make([]time.Duration, n)
	var next atomic.Int64
	var failed atomic.Int64
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				began := time.Now()
				if _, err := client.Certificate.Obtain(certificate.ObtainRequest{Domains: []string{fmt.Sprintf("h%d.bench.example.com", i)}}); err != nil {
					failed.Add(1)
				}
				each[i] = time.Since(began)
			}
		})
	}
	workers.Wait()
	report(b, n, time.Since(start), each)
	b.ReportMetric(float64(failed.Load()), "failed")
}

// certManager counts what its controllers issue in some time, by DNS-01.
func (s issuing) certManager(b *testing.B, name string, flags []string, limit time.Duration) {
	b.StopTimer()
	b.Setenv("KUBECONFIG", filepath.Join(s.Dir, "kubeconfig"))
	makeSecret(b, s.client, "tsig", "secret", s.Env["TSIG_SECRET"])
	const n = 300
	var demands strings.Builder
	for i := range n {
		fmt.Fprintf(&demands, "- {name: %[1]s-%[2]d, namespace: shop, issuer: %[1]s, dnsNames: [%[1]s-%[2]d.example.com], privateKey: {algorithm: ECDSA}}\n", name, i)
	}
	solver := fmt.Sprintf(`{dns01: {rfc2136: {nameserver: "%s", tsigKeyName: %s, tsigAlgorithm: HMACSHA256, tsigSecretSecretRef: {name: tsig, key: secret}}}}`, s.Env["DNS_ADDR"], s.Env["TSIG_NAME"])
	file := s.file(name, solver, "certificates:\n"+demands.String())
	cmd := exec.Command(built(b, "lab-cert-manager", "make -C lab full"), append([]string{"--kubeconfig", filepath.Join(s.Dir, "kubeconfig"), "--cluster-resource-namespace", "cert-manager",
		"--dns01-recursive-nameservers", s.Env["DNS_ADDR"], "--dns01-recursive-nameservers-only"}, flags...)...)
	leash, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { leash.Close(); cmd.Wait() }()
	collectGarbage(b, s.lab)
	if out, err := exec.Command(ours(b), "apply", "-f", file).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	b.StartTimer()
	start := time.Now()
	issued := 0
	for issued < n && time.Since(start) < limit {
		time.Sleep(2 * time.Second)
		secrets, err := s.client.Resource(secretsOf).Namespace("shop").List(context.Background(), metav1.ListOptions{FieldSelector: "type=kubernetes.io/tls"})
		if err != nil {
			b.Fatal(err)
		}
		issued = 0
		for _, secret := range secrets.Items {
			if strings.HasPrefix(secret.GetName(), name+"-") {
				issued++
			}
		}
	}
	elapsed := time.Since(start)
	b.ReportMetric(float64(issued)/elapsed.Seconds(), "cert/s")
	b.ReportMetric(float64(issued), "issued")
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status); match != nil {
		var kb float64
		fmt.Sscan(string(match[1]), &kb)
		b.ReportMetric(kb/1024, "RSS-MB")
	}
}

// BenchmarkLiveRunManySecrets: 10,000 certificates are there and fine; how long
// until a run that keeps running knows, and what it takes.
func BenchmarkLiveRunManySecrets(b *testing.B) {
	bin := ours(b)
	s := startIssuing(b)
	const n = 10_000
	s.names("one.example.com")
	file := s.file("many", "{http01: {}}", "expose:\n"+expose("one", "many", "one.example.com"))
	if out, err := exec.Command(bin, append([]string{"run", "--once", "-f", file}, s.static()...)...).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	one, err := s.client.Resource(secretsOf).Namespace("shop").Get(b.Context(), "one-tls", metav1.GetOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var demands strings.Builder
	demands.WriteString(expose("one", "many", "one.example.com"))
	var workers sync.WaitGroup
	numbers := make(chan int)
	for range 16 {
		workers.Go(func() {
			for i := range numbers {
				o := one.DeepCopy()
				o.SetName(fmt.Sprintf("s%d", i))
				o.SetResourceVersion("")
				o.SetUID("")
				o.SetManagedFields(nil)
				annotations := o.GetAnnotations()
				annotations["cert-manager.io/certificate-name"] = o.GetName()
				o.SetAnnotations(annotations)
				if _, err := s.client.Resource(secretsOf).Namespace("shop").Create(b.Context(), o, metav1.CreateOptions{}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		numbers <- i
		fmt.Fprintf(&demands, "- {name: s%d, namespace: shop, secretName: s%d, issuer: many, dnsNames: [one.example.com], privateKey: {algorithm: ECDSA}}\n", i, i)
	}
	close(numbers)
	workers.Wait()
	text := strings.Replace(demands.String(), expose("one", "many", "one.example.com"), "", 1)
	file = s.file("many", "{http01: {}}", "certificates:\n"+text)
	if out, err := exec.Command(bin, "apply", "-f", file).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out[max(0, len(out)-2000):])
	}
	b.Run("following", func(b *testing.B) {
		for b.Loop() {
			cmd := exec.Command(bin, "run", "-n", "shop", "--leader-elect=false")
			stderr, err := cmd.StderrPipe()
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			said := make([]byte, 4096)
			got, err := stderr.Read(said)
			if err != nil || !strings.Contains(string(said[:got]), fmt.Sprintf("certificates=%d", n)) {
				b.Fatalf("%v: %s", err, said[:got])
			}
			b.ReportMetric(time.Since(start).Seconds(), "first-s")
			time.Sleep(3 * time.Second)
			_ = cmd.Process.Signal(os.Interrupt)
			_ = cmd.Wait()
			b.ReportMetric(float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024, "RSS-MB")
		}
	})
	b.Run("once", func(b *testing.B) {
		for b.Loop() {
			cmd := exec.Command(bin, "run", "--once", "-n", "shop", "--dry-run")
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), fmt.Sprintf("%d fine", n)) {
				b.Fatalf("%v: %s", err, out[max(0, len(out)-2000):])
			}
			b.ReportMetric(float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024, "RSS-MB")
		}
	})
}
