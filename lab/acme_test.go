package lab_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/acme"
)

// testACME has certificates issued, by http-01 with the address that every
// name has, and by dns-01 with a record of our DNS; the chain ends at the root
// that the management API gives.
func testACME(t *testing.T, env map[string]string, client *http.Client) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	hmac, err := base64.RawURLEncoding.DecodeString(env["ACME_EAB_HMAC"])
	if err != nil {
		t.Fatal(err)
	}
	c := &acme.Client{Key: key(t), HTTPClient: client, DirectoryURL: env["ACME_DIRECTORY"]}
	account := &acme.Account{ExternalAccountBinding: &acme.ExternalAccountBinding{KID: env["ACME_EAB_KID"], Key: hmac}}
	if _, err := c.Register(ctx, account, acme.AcceptTOS); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	req, err := http.NewRequestWithContext(ctx, "GET", env["ACME_ROOTS"], nil)
	if err != nil {
		t.Fatal(err)
	}
	if code, pem := send(t, client, req); code != 200 || !roots.AppendCertsFromPEM([]byte(pem)) {
		t.Fatalf("the root: %d %s", code, pem)
	}
	for kind, name := range map[string]string{"http-01": "web.example.com", "dns-01": "*.zone.example.com"} {
		t.Run(kind, func(t *testing.T) {
			answer := func(ch *acme.Challenge) { answerHTTP(t, env, c, ch) }
			if kind == "dns-01" {
				answer = func(ch *acme.Challenge) { answerDNS(t, env, c, ch, strings.TrimPrefix(name, "*.")) }
			}
			leaf := issue(ctx, t, c, name, kind, answer)
			if _, err := leaf[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool(leaf[1:]), DNSName: strings.Replace(name, "*", "x", 1)}); err != nil {
				t.Error(err)
			}
		})
	}
}

func answerHTTP(t *testing.T, env map[string]string, c *acme.Client, ch *acme.Challenge) {
	body, err := c.HTTP01ChallengeResponse(ch.Token)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+env["HTTP01_PORT"])
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+c.HTTP01ChallengePath(ch.Token), func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(body)) })
	go http.Serve(listener, mux)
	t.Cleanup(func() { listener.Close() })
}

func answerDNS(t *testing.T, env map[string]string, c *acme.Client, ch *acme.Challenge, domain string) {
	value, err := c.DNS01ChallengeRecord(ch.Token)
	if err != nil {
		t.Fatal(err)
	}
	records(t, env, "POST", "_acme-challenge."+domain+` TXT "`+value+`"`)
}

func issue(ctx context.Context, t *testing.T, c *acme.Client, name, kind string, answer func(*acme.Challenge)) []*x509.Certificate {
	t.Helper()
	order, err := c.AuthorizeOrder(ctx, acme.DomainIDs(name))
	if err != nil {
		t.Fatal(err)
	}
	authz, err := c.GetAuthorization(ctx, order.AuthzURLs[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range authz.Challenges {
		if ch.Type != kind {
			continue
		}
		answer(ch)
		if _, err := c.Accept(ctx, ch); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.WaitAuthorization(ctx, authz.URI); err != nil {
		t.Fatal(err)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{name}}, key(t))
	if err != nil {
		t.Fatal(err)
	}
	// Pebble answers without the Location that CreateOrderCert needs.
	_, _, _ = c.CreateOrderCert(ctx, order.FinalizeURL, csr, true)
	done, err := c.WaitOrder(ctx, order.URI)
	if err != nil {
		t.Fatal(err)
	}
	ders, err := c.FetchCert(ctx, done.CertURL, true)
	if err != nil {
		t.Fatal(err)
	}
	var chain []*x509.Certificate
	for _, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, cert)
	}
	return chain
}

func key(t *testing.T) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func pool(certs []*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certs {
		p.AddCert(c)
	}
	return p
}
