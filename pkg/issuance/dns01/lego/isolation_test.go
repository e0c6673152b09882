//go:build !slim

package lego

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
)

func init() { programs["credential-plugin"] = credentialPlugin }

// credentialPlugin is a credential plugin of client-go. It gives its environment
// for a token, which nothing may keep.
func credentialPlugin() {
	token := base64.StdEncoding.EncodeToString([]byte(strings.Join(os.Environ(), "\n")))
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
		"status": map[string]any{"token": token, "expirationTimestamp": time.Now().Add(-time.Hour)},
	})
}

// plugins is an API server and a client whose plugin it hears of.
type plugins struct {
	client *http.Client
	url    string

	mu   sync.Mutex
	seen []string // environments
}

func newPlugins(t *testing.T) *plugins {
	t.Helper()
	p := &plugins{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen = append(p.seen, string(token))
		if err != nil || len(token) == 0 {
			t.Errorf("token of %d bytes: %v", len(token), err)
		}
	}))
	t.Cleanup(server.Close)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.url = server.URL
	p.client, err = rest.HTTPClientFor(&rest.Config{
		Host: server.URL, TLSClientConfig: rest.TLSClientConfig{Insecure: true},
		ExecProvider: &clientcmdapi.ExecConfig{
			Command: self, Args: []string{"credential-plugin"}, APIVersion: "client.authentication.k8s.io/v1",
			InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// start makes a request, for which the plugin is started.
func (p *plugins) start(t *testing.T) {
	t.Helper()
	answer, err := p.client.Get(p.url)
	if err != nil {
		t.Error(err)
		return
	}
	answer.Body.Close()
}

// secrets counts the environments that hold a part of a provider's variables.
func (p *plugins) secrets() (all, with int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, environment := range p.seen {
		for scan := bufio.NewScanner(strings.NewReader(environment)); scan.Scan(); {
			if strings.Contains(scan.Text(), "s3cr3t") {
				with++
				break
			}
		}
	}
	return len(p.seen), with
}

// logIn starts to make a provider at a server that never answers to its log-in,
// and returns when the server is asked. What the provider ends with follows.
func logIn(t *testing.T, ctx context.Context) (ended chan error) {
	t.Helper()
	serving, stop := context.WithCancel(context.Background())
	asked := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-serving.Done():
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { stop(); server.Close() })
	ended = make(chan error, 1)
	go func() {
		_, err := launch(t).Provider(ctx, "designate", map[string]string{
			"OS_AUTH_URL": server.URL, "OS_APPLICATION_CREDENTIAL_ID": "s3cr3t-id", "OS_APPLICATION_CREDENTIAL_SECRET": "s3cr3t",
		})
		ended <- err
	}()
	select {
	case <-asked:
	case err := <-ended:
		t.Fatalf("ends before its log-in: %v", err)
	}
	return ended
}

// TestIsolation: while providers with credentials are made, log in and are used,
// no credential plugin of client-go finds one of their variables.
func TestIsolation(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9") // no call gets out
	p := newPlugins(t)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer stop()
	slow := logIn(t, ctx)
	var used atomic.Int32
	for name, variables := range map[string]map[string]string{
		"lightsail":     {"AWS_ACCESS_KEY_ID": "s3cr3t-id", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "DNS_ZONE": "example.com"},
		"googledomains": {"GOOGLE_DOMAINS_ACCESS_TOKEN": "s3cr3t"},
		"oraclecloud":   {"OCI_TENANCY_OCID": "s3cr3t", "OCI_USER_OCID": "s3cr3t", "OCI_PUBKEY_FINGERPRINT": "s3cr3t", "OCI_REGION": "s3cr3t", "OCI_COMPARTMENT_OCID": "s3cr3t", "OCI_PRIVATE_KEY_PATH": "s3cr3t"},
	} {
		all.Go(func() {
			for ctx.Err() == nil {
				made, err := launch(t).Provider(ctx, name, variables)
				if err == nil {
					limited, stop := context.WithTimeout(ctx, 100*time.Millisecond)
					_ = made.Present(limited, dns01.Record{Domain: "example.com", FQDN: "_acme-challenge.example.com.", Zone: "example.com."}) // it cannot get out
					stop()
					used.Add(1)
				}
			}
		})
	}
	for n := 0; n < 30 || used.Load() < 3 && n < 1000; n++ {
		p.start(t)
	}
	stop()
	all.Wait()
	if err := <-slow; !errors.Is(err, context.Canceled) {
		t.Errorf("the log-in ends with %v", err)
	}
	if all, with := p.secrets(); all < 30 || with > 0 {
		t.Errorf("%d of %d plugins have a provider's variables", with, all)
	}
	if used.Load() < 3 {
		t.Errorf("only %d providers were used", used.Load())
	}
}

// TestIsolationCanFail: variables of this process are what a plugin finds, so that
// TestIsolation means something.
func TestIsolationCanFail(t *testing.T) {
	p := newPlugins(t)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
	p.start(t)
	if all, with := p.secrets(); all != 1 || with != 1 {
		t.Errorf("%d of %d plugins find it", with, all)
	}
}

// TestSlowLogIn: a provider that waits for its log-in keeps no other one waiting,
// and is stopped with its context.
func TestSlowLogIn(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	slow := logIn(t, ctx)
	if _, err := launch(t).Provider(t.Context(), "duckdns", map[string]string{"DUCKDNS_TOKEN": "x"}); err != nil {
		t.Error(err)
	}
	select {
	case err := <-slow:
		t.Errorf("the slow one ends with %v", err)
	default:
	}
	stop()
	if err := <-slow; !errors.Is(err, context.Canceled) {
		t.Errorf("the slow one ends with %v", err)
	}
}
