package acme

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// testAccount: a key has one account, whose email address can change and which can be
// deactivated.
func testAccount(t *testing.T, l *live) {
	c := l.config(t)
	c.Email = "one@example.com"
	first := open(t, c)
	if got := contact(t, first); got != "mailto:one@example.com" {
		t.Errorf("registered with %q", got)
	}
	c.Email = "two@example.com"
	second := open(t, c)
	if second.URL() != first.URL() || second.Thumbprint() != first.Thumbprint() {
		t.Errorf("the key has two accounts, %s and %s", first.URL(), second.URL())
	}
	if got := contact(t, second); got != "mailto:two@example.com" {
		t.Errorf("the contact is %q", got)
	}
	c.Email = ""
	if got := contact(t, open(t, c)); got != "mailto:two@example.com" {
		t.Errorf("without a wish the contact is %q", got)
	}
	want := Meta{
		Terms: "data:text/plain,Do%20what%20thou%20wilt", CAAIdentities: []string{"pebble.letsencrypt.org"},
		Profiles: map[string]string{"default": "90 days", "shortlived": "6 days"}, RenewalInfo: true,
	}
	if diff := cmp.Diff(want, first.Meta()); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	_, err := first.do(t.Context(), func(core *api.Core) error { return core.Accounts.Deactivate(first.URL()) })
	if err != nil {
		t.Fatal(err)
	}
	_, err = first.Issue(t.Context(), l.request(t, first, "shut.example.com"))
	fails(t, err, issuance.Failure{Reason: issuance.ReasonAccount, Detail: "Account has been deactivated (unauthorized)"})
	_, err = Open(t.Context(), c)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonAccount, Detail: c.Directory +
		" rejects the account of this key; use another key: An account with the provided public key exists but is deactivated (unauthorized)"})
}

func contact(t *testing.T, a *Account) string {
	t.Helper()
	r, err := a.do(t.Context(), func(core *api.Core) error {
		_, err := core.Accounts.Get(a.URL())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	account, err := decode[acme.Account](r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(account.Contact, " ")
}

// testExternalAccount: a binding is sent and verified by the server; a server that requires one
// rejects accounts without.
func testExternalAccount(t *testing.T, l *live) {
	c := l.config(t)
	c.EABKeyID, c.EABKey = l.Env["ACME_EAB_KID"], l.Env["ACME_EAB_HMAC"]
	bound := open(t, c)
	r, err := bound.do(t.Context(), func(core *api.Core) error {
		_, err := core.Accounts.Get(bound.URL())
		return err
	})
	if err != nil || !strings.Contains(string(r.body), `"externalAccountBinding"`) {
		t.Errorf("the account is %s, %v", r.body, err)
	}

	c = l.config(t)
	c.EABKeyID, c.EABKey = l.Env["ACME_EAB_KID"], "bm90IHRoZSBrZXkgYnV0IGFzIGxvbmcgYXMgYW55IG90aGVyIG9uZQ"
	_, err = Open(t.Context(), c)
	f := fails(t, err, issuance.Failure{Reason: issuance.ReasonAccount, Detail: reasonOf(err)})
	if !strings.Contains(f.Detail, "unauthorized") && !strings.Contains(f.Detail, "malformed") || strings.Contains(f.Detail, c.EABKey) {
		t.Errorf("a wrong key is reported as %q", f.Detail)
	}

	c.EABKey = "c2hvcnQ"
	_, err = Open(t.Context(), c)
	if f = fails(t, err, issuance.Failure{Reason: issuance.ReasonAccount}); !strings.HasSuffix(f.Error(), "invalid key size for algorithm") {
		t.Errorf("a short key is reported as %q", f)
	}

	p := l.proxy(t)
	p.fault(fault{path: "/dir", times: 1, before: func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"newNonce":"%[1]s/nonce-plz","newAccount":"%[1]s/sign-me-up","newOrder":"%[1]s/order-plz","meta":{"externalAccountRequired":true}}`, p.server.URL)
	}})
	c = p.config(t, l)
	_, err = Open(t.Context(), c)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonAccount, Detail: c.Directory +
		" requires an external account binding: set the key ID and key of an account at the CA"})
	if n := p.count("POST /sign-me-up"); n > 2 {
		t.Errorf("the server was asked %d times", n)
	}
}

func reasonOf(err error) string {
	return strings.TrimPrefix(err.Error(), string(issuance.ReasonAccount)+": ")
}
