package acme

import (
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-acme/lego/v4/acme"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

func TestConfig(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p256 := ecKey(t, elliptic.P256())
	const dir = "https://ca.example/dir"
	for name, tt := range map[string]struct {
		account issuance.Account
		want    string
	}{
		"P-256":         {issuance.Account{Directory: dir, Key: p256}, ""},
		"P-384":         {issuance.Account{Directory: dir, Key: ecKey(t, elliptic.P384())}, ""},
		"RSA":           {issuance.Account{Directory: dir, Key: rsaKey}, ""},
		"P-521":         {issuance.Account{Directory: dir, Key: ecKey(t, elliptic.P521())}, "account: account key: ECDSA P-521: must be RSA, or ECDSA P-256 or P-384"},
		"Ed25519":       {issuance.Account{Directory: dir, Key: ed}, "account: account key: ed25519.PrivateKey: must be RSA, or ECDSA P-256 or P-384"},
		"hardware":      {issuance.Account{Directory: dir, Key: struct{ crypto.Signer }{p256}}, "account: account key: struct { crypto.Signer }: must be RSA, or ECDSA P-256 or P-384"},
		"no key":        {issuance.Account{Directory: dir}, "account: account key: required"},
		"http":          {issuance.Account{Directory: "http://ca.example/dir", Key: p256}, `account: ACME server "http://ca.example/dir": must be an https URL`},
		"no URL":        {issuance.Account{Directory: "letsencrypt", Key: p256}, `account: ACME server "letsencrypt": must be an https URL`},
		"bundle":        {issuance.Account{Directory: dir, Key: p256, CABundle: []byte("x")}, "account: CA bundle of the ACME server: no PEM certificates"},
		"half an EAB":   {issuance.Account{Directory: dir, Key: p256, EABKeyID: "kid"}, "account: external account binding: the key and its ID are required together"},
		"EAB in base64": {issuance.Account{Directory: dir, Key: p256, EABKeyID: "kid", EABKey: "a+/s3cret"}, "account: external account binding kid: the key is not base64url"},
		"EAB padded":    {issuance.Account{Directory: dir, Key: p256, EABKeyID: "kid", EABKey: "YQ==\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{Account: tt.account}.withDefaults()
			err := c.check()
			if err == nil {
				_, err = newWire(c)
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCanonical(t *testing.T) {
	got, err := canonical([]string{"B.example.", "a.example", "*.B.example", "2001:DB8::1", "::ffff:192.0.2.1", "a.Example"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"*.b.example", "192.0.2.1", "2001:db8::1", "a.example", "b.example"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, none := range [][]string{nil, {""}, {".", "a.example"}} {
		if _, err := canonical(none); err == nil || err.Error() != "rejected: order: no names" {
			t.Errorf("%q: %v", none, err)
		}
	}
}

func TestLinks(t *testing.T) {
	r := reply{header: http.Header{"Link": {
		`<https://ca.example/dir>;rel="index"`,
		`</cert/1>; title="x"; rel=alternate, <2>;rel="alternate"`,
		`<https://ca.example/next?a=b,c>;rel="next"`,
		`<%zz>;rel="alternate"`,
	}}}
	got := r.links("alternate", "https://ca.example/cert/0")
	if diff := cmp.Diff([]string{"https://ca.example/cert/1", "https://ca.example/cert/2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := r.link("next", "https://ca.example/"); got != "https://ca.example/next?a=b,c" {
		t.Errorf("next is %q", got)
	}
	if got := r.link("up", "https://ca.example/"); got != "" {
		t.Errorf("up is %q", got)
	}
}

func TestNonces(t *testing.T) {
	var n nonces
	start := time.Now()
	for i, value := range []string{"a", "", "b", "c"} {
		n.put(value, start.Add(time.Duration(i)*time.Minute))
	}
	now := start.Add(3 * time.Minute)
	for _, want := range []string{"c", "b"} {
		if got, _ := n.take(now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got, ok := n.take(start.Add(nonceAge + time.Second)); ok {
		t.Errorf("%q is too old", got)
	}
	for range 10 * maxNonces {
		n.put("x", now)
	}
	if len(n.kept) != maxNonces {
		t.Errorf("%d are kept", len(n.kept))
	}
}

func TestGroups(t *testing.T) {
	a, b := &testSolver{}, &testSolver{}
	var tasks []task
	for _, one := range []struct {
		name string
		by   issuance.Solver
	}{{"1", a}, {"2", b}, {"3", a}, {"4", struct{ issuance.Solver }{a}}, {"5", b}, {"6", struct{ issuance.Solver }{a}}} {
		tasks = append(tasks, task{solver: one.by, run: issuance.Challenge{Name: one.name}})
	}
	var got []string
	for _, g := range groups(tasks) {
		var names []string
		for _, c := range g.challenges {
			names = append(names, c.Name)
		}
		got = append(got, strings.Join(names, " "))
	}
	if diff := cmp.Diff([]string{"1 3", "2 5", "4 6"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFits(t *testing.T) {
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	ends := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	plain := acme.Order{Status: "pending", Expires: soon, Identifiers: []acme.Identifier{{Type: "dns", Value: "b.example"}, {Type: "dns", Value: "A.example"}}}
	for name, tt := range map[string]struct {
		change  func(*acme.Order)
		request issuance.Request
		want    bool
	}{
		"the same":         {want: true},
		"ready":            {change: func(o *acme.Order) { o.Status = "ready" }, want: true},
		"processing":       {change: func(o *acme.Order) { o.Status = "processing" }},
		"valid":            {change: func(o *acme.Order) { o.Status = "valid" }},
		"expired":          {change: func(o *acme.Order) { o.Expires = "2020-01-01T00:00:00Z" }},
		"without an end":   {change: func(o *acme.Order) { o.Expires = "" }, want: true},
		"other names":      {change: func(o *acme.Order) { o.Identifiers = o.Identifiers[:1] }},
		"default profile":  {change: func(o *acme.Order) { o.Profile = "classic" }, want: true},
		"same profile":     {change: func(o *acme.Order) { o.Profile = "classic" }, request: issuance.Request{Profile: "classic"}, want: true},
		"other profile":    {change: func(o *acme.Order) { o.Profile = "classic" }, request: issuance.Request{Profile: "tlsserver"}},
		"other lifetime":   {change: func(o *acme.Order) { o.NotAfter = "2028-01-02T03:04:05Z" }, request: issuance.Request{NotAfter: ends}},
		"unasked lifetime": {change: func(o *acme.Order) { o.NotAfter = "2028-01-02T03:04:05Z" }},
		"same lifetime":    {change: func(o *acme.Order) { o.NotAfter = "2027-01-02T04:04:05+01:00" }, request: issuance.Request{NotAfter: ends.Add(time.Millisecond)}, want: true},
		"replaces another": {change: func(o *acme.Order) { o.Replaces = "a.b" }, request: issuance.Request{Replaces: "c.d"}},
		"replaces this":    {change: func(o *acme.Order) { o.Replaces = "a.b" }, request: issuance.Request{Replaces: "a.b"}, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			o := plain
			if tt.change != nil {
				tt.change(&o)
			}
			a := &attempt{request: tt.request, names: []string{"a.example", "b.example"}}
			if got := a.fits(order{Order: o}); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRefusesReplacing(t *testing.T) {
	for name, tt := range map[string]struct {
		p    *problem
		want []bool // each time it is refused so
	}{
		"replaced already": {answer(t, 409, "alreadyReplaced", "", ""), []bool{true}},
		"unknown":          {answer(t, 404, "malformed", "", ""), []bool{true}},
		"not ours":         {answer(t, 403, "unauthorized", "", ""), []bool{true}},
		"internal":         {answer(t, 500, "serverInternal", "", ""), []bool{false, true}},
		"down":             {answer(t, 502, "", "", ""), []bool{false, false, false}},
		"a limit":          {answer(t, 429, "rateLimited", "", ""), []bool{false}},
		"a name":           {answer(t, 400, "rejectedIdentifier", "", ""), []bool{false}},
	} {
		t.Run(name, func(t *testing.T) {
			internal := 0
			for i, want := range tt.want {
				if got := refusesReplacing(tt.p, &internal); got != want {
					t.Errorf("time %d: got %v, want %v", i, got, want)
				}
			}
		})
	}
	if refusesReplacing(&noResponse{}, new(int)) {
		t.Error("no answer is not a refusal")
	}
}

func TestRenewalInfo(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	const window = `"suggestedWindow":{"start":"2026-12-01T00:00:00Z","end":"2026-12-03T00:00:00Z"}`
	for name, tt := range map[string]struct {
		body, retry string
		check       time.Duration
		explanation string
		err         string
	}{
		"plain":           {body: "{" + window + "}", check: 6 * time.Hour},
		"with a time":     {body: "{" + window + "}", retry: "7200", check: 2 * time.Hour},
		"too often":       {body: "{" + window + "}", retry: "1", check: time.Hour},
		"too seldom":      {body: "{" + window + "}", retry: "99999999", check: 24 * time.Hour},
		"explained":       {body: "{" + window + `,"explanationURL":"https://ca.example/why"}`, check: 6 * time.Hour, explanation: "https://ca.example/why"},
		"explained badly": {body: "{" + window + `,"explanationURL":"javascript:alert(1)"}`, check: 6 * time.Hour},
		"no window":       {body: "{}", err: "renewal information for id: implausible window from 0001-01-01T00:00:00Z to 0001-01-01T00:00:00Z"},
		"ends first":      {body: `{"suggestedWindow":{"start":"2026-12-03T00:00:00Z","end":"2026-12-01T00:00:00Z"}}`, err: "renewal information for id: implausible window from 2026-12-03T00:00:00Z to 2026-12-01T00:00:00Z"},
		"not JSON":        {body: "x", err: "renewal information for id: invalid answer from the ACME server: invalid character 'x' looking for beginning of value"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := renewalInfo("id", reply{header: http.Header{"Retry-After": {tt.retry}}, body: []byte(tt.body)}, now)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("got %v, want %s", err, tt.err)
				}
				return
			}
			want := issuance.RenewalInfo{
				Start: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC),
				Explanation: tt.explanation, NextCheck: now.Add(tt.check),
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestMerged(t *testing.T) {
	one := func(reason issuance.FailureReason, name string) *issuance.Failure {
		return &issuance.Failure{Reason: reason, Name: name, Detail: "http-01: why", Dead: true}
	}
	for name, tt := range map[string]struct {
		failures []*issuance.Failure
		want     string
	}{
		"one":     {[]*issuance.Failure{one(issuance.ReasonRejected, "a.example")}, "rejected: a.example: http-01: why"},
		"alike":   {[]*issuance.Failure{one(issuance.ReasonRejected, "a.example"), one(issuance.ReasonRejected, "b.example")}, "rejected: a.example: http-01: why; b.example: http-01: why"},
		"unalike": {[]*issuance.Failure{one(issuance.ReasonRejected, "a.example"), one(issuance.ReasonValidation, "b.example")}, "validation: a.example: http-01: why; b.example: http-01: why"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := merged(tt.failures); got.Error() != tt.want || !got.Dead {
				t.Errorf("got %q, dead %v, want %q", got, got.Dead, tt.want)
			}
		})
	}
}
