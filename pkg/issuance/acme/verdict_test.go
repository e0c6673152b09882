package acme

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// profiled is an account at a server with profiles and terms, without requests.
func profiled(t *testing.T) *Account {
	t.Helper()
	a := &Account{}
	err := a.directory.put([]byte(`{"newNonce":"n","newAccount":"a","newOrder":"o",
		"meta":{"termsOfService":"https://ca.example/terms","profiles":{"tlsserver":"x","classic":"y"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func answer(t *testing.T, status int, kind, detail, more string) *problem {
	t.Helper()
	body := fmt.Sprintf(`{"type":%q,"detail":%q%s}`, errorNamespace+kind, detail, more)
	if !json.Valid([]byte(body)) {
		t.Fatalf("not JSON: %s", body)
	}
	return newProblem(reply{status: status, header: http.Header{}, body: []byte(body)})
}

func TestFailure(t *testing.T) {
	const about = `,"identifier":{"type":"dns","value":"a.example"}`
	const two = `,"subproblems":[
		{"type":"urn:ietf:params:acme:error:malformed","detail":"not public","identifier":{"type":"dns","value":"a.internal"}},
		{"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"forbidden","identifier":{"type":"dns","value":"b.example"}}]`
	for name, tt := range map[string]struct {
		at     step
		status int
		kind   string
		more   string
		want   issuance.Failure
	}{
		"account unknown":          {asOrder, 400, "accountDoesNotExist", "", issuance.Failure{Reason: issuance.ReasonAccount, Dead: true, Detail: "why (accountDoesNotExist)"}},
		"no order yet":             {asNewOrder, 400, "accountDoesNotExist", "", issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (accountDoesNotExist)"}},
		"external account":         {asAccount, 403, "externalAccountRequired", "", issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (externalAccountRequired); set the key ID and key of an account at the CA"}},
		"terms":                    {asNewOrder, 403, "userActionRequired", "", issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (userActionRequired); visit https://ca.example/terms"}},
		"terms, at":                {asNewOrder, 403, "userActionRequired", `,"instance":"https://ca.example/new"`, issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (userActionRequired); visit https://ca.example/new"}},
		"account key":              {asAccount, 400, "badPublicKey", "", issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (badPublicKey)"}},
		"certificate key":          {asOrder, 400, "badPublicKey", "", issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: "why (badPublicKey)"}},
		"signature":                {asOrder, 400, "badSignatureAlgorithm", "", issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (badSignatureAlgorithm)"}},
		"contact":                  {asAccount, 400, "invalidContact", "", issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (invalidContact)"}},
		"CSR":                      {asOrder, 400, "badCSR", "", issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: "why (badCSR)"}},
		"one name":                 {asNewOrder, 400, "rejectedIdentifier", about, issuance.Failure{Reason: issuance.ReasonRejected, Name: "a.example", Detail: "why (rejectedIdentifier)"}},
		"two names":                {asNewOrder, 400, "rejectedIdentifier", two, issuance.Failure{Reason: issuance.ReasonRejected, Detail: "why (rejectedIdentifier); a.internal: not public (malformed); b.example: forbidden (rejectedIdentifier)"}},
		"kind of name":             {asNewOrder, 400, "unsupportedIdentifier", "", issuance.Failure{Reason: issuance.ReasonRejected, Detail: "why (unsupportedIdentifier)"}},
		"profile":                  {asNewOrder, 400, "invalidProfile", "", issuance.Failure{Reason: issuance.ReasonRejected, Detail: "why (invalidProfile); the CA offers classic, tlsserver"}},
		"malformed":                {asNewOrder, 400, "malformed", "", issuance.Failure{Reason: issuance.ReasonRejected, Detail: "why (malformed)"}},
		"no such order":            {asOrder, 404, "malformed", "", issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: "why (malformed)"}},
		"not ours":                 {asOrder, 403, "unauthorized", "", issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: "why (unauthorized)"}},
		"account shut":             {asNewOrder, 403, "unauthorized", "", issuance.Failure{Reason: issuance.ReasonAccount, Detail: "why (unauthorized)"}},
		"wrong answer":             {asProof, 403, "unauthorized", "", issuance.Failure{Reason: issuance.ReasonValidation, Dead: true, Detail: "why (unauthorized)"}},
		"no connection":            {asProof, 400, "connection", "", issuance.Failure{Reason: issuance.ReasonValidation, Dead: true, Detail: "why (connection)"}},
		"DNS":                      {asProof, 400, "dns", "", issuance.Failure{Reason: issuance.ReasonValidation, Dead: true, Detail: "why (dns)"}},
		"unheard of":               {asProof, 400, "moonPhase", "", issuance.Failure{Reason: issuance.ReasonValidation, Dead: true, Detail: "why (moonPhase)"}},
		"CAA of a name":            {asProof, 403, "caa", about, issuance.Failure{Reason: issuance.ReasonRejected, Name: "a.example", Dead: true, Detail: "why (caa)"}},
		"CAA":                      {asOrder, 403, "caa", "", issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: "why (caa)"}},
		"several":                  {asOrder, 400, "compound", two, issuance.Failure{Reason: issuance.ReasonRejected, Dead: true, Detail: "why (compound); a.internal: not public (malformed); b.example: forbidden (rejectedIdentifier)"}},
		"rate":                     {asNewOrder, 429, "rateLimited", "", issuance.Failure{Reason: issuance.ReasonRateLimited, Detail: "why (rateLimited)"}},
		"rate of an order":         {asOrder, 429, "rateLimited", "", issuance.Failure{Reason: issuance.ReasonRateLimited, Detail: "why (rateLimited)"}},
		"busy":                     {asNewOrder, 503, "rateLimited", "", issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: "why (rateLimited)"}},
		"internal":                 {asOrder, 500, "serverInternal", "", issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: "why (serverInternal)"}},
		"internal, of a challenge": {asProof, 0, "serverInternal", "", issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: "why (serverInternal)"}},
		"not ready":                {asOrder, 403, "orderNotReady", "", issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: "why (orderNotReady)"}},
		"nonces":                   {asOrder, 400, "badNonce", "", issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: "why (badNonce)"}},
		"replaced":                 {asNewOrder, 409, "alreadyReplaced", "", issuance.Failure{Reason: issuance.ReasonRejected, Detail: "why (alreadyReplaced)"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := profiled(t).failure(tt.at, fmt.Errorf("wrapped: %w", answer(t, tt.status, tt.kind, "why", tt.more)))
			if diff := cmp.Diff(&tt.want, got, cmpopts.IgnoreFields(issuance.Failure{}, "Err")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestProblemWithoutDocument(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"nothing":      {"", "HTTP 404 Not Found"},
		"HTML":         {"<html>gone</html>", "HTTP 404 Not Found"},
		"other JSON":   {`["x"]`, "HTTP 404 Not Found"},
		"plain detail": {`{"type":"about:blank","detail":"gone"}`, "gone"},
		"two lines":    {`{"detail":"gone\n\u001b[31mfor ever"}`, `gone \u001b[31mfor ever`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProblem(reply{status: 404, header: http.Header{}, body: []byte(tt.body)})
			if got := p.Error(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRetryAt(t *testing.T) {
	for name, tt := range map[string]struct {
		header string
		want   time.Duration
	}{
		"none":     {"", 0},
		"seconds":  {"3600", time.Hour},
		"date":     {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), time.Hour},
		"past":     {"Mon, 02 Jan 2006 15:04:05 GMT", 0},
		"negative": {"-5", 0},
		"nonsense": {"soon", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProblem(reply{status: 429, header: http.Header{"Retry-After": {tt.header}}})
			f := (&Account{}).refusal(asNewOrder, p)
			if tt.want == 0 {
				if !f.RetryAt.IsZero() {
					t.Errorf("retry at %s, want no time", f.RetryAt)
				}
				return
			}
			if off := time.Until(f.RetryAt) - tt.want; off.Abs() > 2*time.Second {
				t.Errorf("retry at %s, off by %s", f.RetryAt, off)
			}
		})
	}
}
