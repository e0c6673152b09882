package acme

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

func testRefused(t *testing.T, l *live) {
	a := open(t, l.config(t))
	_, err := a.Issue(t.Context(), l.request(t, a, "good.example.com", "www.blocked.example"))
	fails(t, err, issuance.Failure{Reason: issuance.ReasonRejected, Name: "www.blocked.example",
		Detail: `Order included an identifier for which issuance is forbidden by policy: "www.blocked.example" (rejectedIdentifier); www.blocked.example: www.blocked.example is a forbidden domain (rejectedIdentifier)`})

	r := l.request(t, a, "csr.example.com")
	r.CSR = csr(t, "other.example.com")
	_, err = a.Issue(t.Context(), r)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: `CSR is missing Order domain "csr.example.com" (unauthorized)`})

	r = l.request(t, a, "csr.example.com")
	r.CSR = []byte("x")
	_, err = a.Issue(t.Context(), r)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: "Error parsing Base64url-encoded CSR: asn1: syntax error: truncated tag or length (malformed)"})

	_, err = a.Issue(t.Context(), issuance.Request{})
	fails(t, err, issuance.Failure{Reason: issuance.ReasonRejected, Detail: "order: no names"})

	r = l.request(t, a, "*.solver.example.com")
	_, err = a.Issue(t.Context(), r)
	f := fails(t, err, issuance.Failure{Reason: issuance.ReasonSolver, Name: "*.solver.example.com", Detail: reason(err)})
	if !strings.HasPrefix(f.Error(), "solver: *.solver.example.com: the solver supports http-01, but the CA offers ") {
		t.Errorf("a wildcard by http-01 is reported as %q", f)
	}
	r.Solver = func(string, bool, []string) (issuance.ChosenSolver, error) {
		return issuance.ChosenSolver{}, errors.New("no solver fits")
	}
	_, err = a.Issue(t.Context(), r)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonSolver, Name: "*.solver.example.com"})
}

func reason(err error) string {
	var f *issuance.Failure
	errors.As(err, &f)
	return f.Detail
}

// testValidationFails: the failure lists every name that failed, with the CA's error.
func testValidationFails(t *testing.T, l *live) {
	a := open(t, l.config(t))
	r := l.request(t, a, "good.fail.example.com", "bad.fail.example.com")
	l.responder.thumbprints.Store("bad.fail.example.com", "wrong")
	p := &testSolver{}
	r.Solver = by(issuance.HTTP01, p)
	_, err := a.Issue(t.Context(), r)
	f := fails(t, err, issuance.Failure{Reason: issuance.ReasonValidation, Name: "bad.fail.example.com", Dead: true, Detail: reason(err)})
	if !strings.HasPrefix(f.Detail, "http-01: The key authorization file from the server did not match this challenge") || !strings.HasSuffix(f.Detail, "(unauthorized)") {
		t.Errorf("told as %q", f.Detail)
	}
	if len(p.taken) != 2 {
		t.Errorf("%d answers are taken back, want 2", len(p.taken))
	}
	l.responder.thumbprints.Delete("good.fail.example.com")
	_, err = a.Issue(t.Context(), r)
	f = fails(t, err, issuance.Failure{Reason: issuance.ReasonValidation, Dead: true, Detail: reason(err)})
	for _, want := range []string{"bad.fail.example.com: http-01: ", "; good.fail.example.com: http-01: ", "404"} {
		if !strings.Contains(f.Detail, want) {
			t.Errorf("told as %q, want %q in it", f.Detail, want)
		}
	}
}

// testProofFails: if an answer cannot be provided, the CA is not asked to validate, all answers
// are removed, and the order can be resumed.
func testProofFails(t *testing.T, l *live) {
	a := open(t, l.config(t))
	r := l.request(t, a, "a.proof.example.com", "b.proof.example.com")
	good, bad := &testSolver{}, &testSolver{present: func(context.Context, []issuance.Challenge) error { return errors.New("DNS provider says no") }}
	good.present = func(ctx context.Context, _ []issuance.Challenge) error { <-ctx.Done(); return ctx.Err() }
	r.Solver = func(name string, _ bool, _ []string) (issuance.ChosenSolver, error) {
		if strings.HasPrefix(name, "a.") {
			return issuance.ChosenSolver{Type: issuance.HTTP01, Solver: good}, nil
		}
		return issuance.ChosenSolver{Type: issuance.HTTP01, Solver: bad}, nil
	}
	var url string
	r.Ordered = func(_ context.Context, order string) error { url = order; return nil }
	hits := l.responder.hits.Load()
	_, err := a.Issue(t.Context(), r)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonChallenge, Name: "b.proof.example.com"})
	if err.Error() != "challenge: b.proof.example.com: DNS provider says no" || len(good.taken) != 1 || len(bad.taken) != 1 || l.responder.hits.Load() != hits {
		t.Errorf("%v; taken back %v and %v", err, good.taken, bad.taken)
	}
	r.Order, r.Solver = url, by(issuance.HTTP01, &testSolver{})
	l.check(t, issue(t, a, r), r.Names...)
	onlyOrder(t, a, url, r.Names...)

	limited := &issuance.Failure{Reason: issuance.ReasonSolver, Detail: "not today"}
	bad.present = func(context.Context, []issuance.Challenge) error { return limited }
	r.Order, r.Solver = "", by(issuance.HTTP01, bad)
	_, err = a.Issue(t.Context(), r)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonSolver, Detail: "not today"})
}

// testJournalFails: without a journal entry no CSR is sent; the next request resumes the order.
func testJournalFails(t *testing.T, l *live) {
	a := open(t, l.config(t))
	r := l.request(t, a, "journal.example.com")
	var url string
	r.Ordered = func(_ context.Context, order string) error {
		url = order
		time.Sleep(200 * time.Millisecond) // while the name is validated
		return errors.New("the API server is away")
	}
	_, err := a.Issue(t.Context(), r)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonStore})
	if err.Error() != "store: the API server is away" {
		t.Errorf("told as %q", err)
	}
	if o, _, err := a.look(t.Context(), url); err != nil || !o.isOpen() {
		t.Errorf("the order is %s, %v", o.Status, err)
	}
	r.Ordered = func(context.Context, string) error { return nil }
	if chain := issue(t, a, r); chain.Order != url {
		t.Errorf("made another order, %s after %s", chain.Order, url)
	}
}

// testNoKey: no error or log contains the account key, the external account key, or a key
// authorization.
func testNoKey(t *testing.T, l *live) {
	var mu sync.Mutex
	var said strings.Builder
	c := l.config(t)
	c.Log = slog.New(slog.NewTextHandler(&locked{mu: &mu, b: &said}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.EABKeyID, c.EABKey = l.Env["ACME_EAB_KID"], l.Env["ACME_EAB_HMAC"]
	a := open(t, c)
	p := &testSolver{cleanUp: func(context.Context, []issuance.Challenge) error { return errors.New("cannot clean") }}
	r := l.request(t, a, "bad.key.example.com")
	l.responder.thumbprints.Delete("bad.key.example.com")
	r.Solver = by(issuance.HTTP01, p)
	_, err := a.Issue(t.Context(), r)
	said.WriteString(err.Error())
	der, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if !strings.Contains(said.String(), "cannot clean") {
		t.Error("nothing is logged")
	}
	for _, secret := range []string{c.EABKey, strings.Split(text, "\n")[1][:40], p.presented[0].KeyAuthorization} {
		if strings.Contains(said.String(), secret) {
			t.Errorf("a secret is shown:\n%s", said.String())
		}
	}
}

type locked struct {
	mu *sync.Mutex
	b  *strings.Builder
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
