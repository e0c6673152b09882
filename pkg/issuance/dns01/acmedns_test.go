package dns01

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const acmeDNSAccounts = `{
  "shop.example.com": {"username": "s3cr3t-user", "password": "s3cr3t-password", "fulldomain": "d420.auth.example.org", "subdomain": "d420", "allowfrom": []},
  "example.com": {"username": "other-user", "password": "other-password", "fulldomain": "eabc.auth.example.org", "subdomain": "eabc", "allowfrom": []}
}`

// fakeAcmeDNS serves the API of acme-dns: the last two values of an account, without deletion.
// Registering an account is an error.
func fakeAcmeDNS(x *txt) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST auth.example.org/update", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Subdomain, Txt string }
		err := json.NewDecoder(r.Body).Decode(&in)
		switch {
		case err != nil || len(in.Txt) != 43:
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error": "bad_txt"}`)
		case in.Subdomain != "d420" || r.Header.Get("X-Api-User") != "s3cr3t-user" || r.Header.Get("X-Api-Key") != "s3cr3t-password":
			w.WriteHeader(401)
			fmt.Fprintf(w, `{"error": "forbidden", "you": %q}`, r.Header.Get("X-Api-Key"))
		default:
			kept := append(x.values[in.Subdomain], in.Txt)
			x.values[in.Subdomain] = kept[max(0, len(kept)-2):]
			fmt.Fprintf(w, `{"txt": %q}`, in.Txt)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { x.wrong = append(x.wrong, r.Method+" "+r.URL.Path) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		defer x.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func TestAcmeDNS(t *testing.T) {
	const solver = "acmeDNS: {host: 'https://auth.example.org', accountSecretRef: {name: ad, key: accounts.json}}"
	x := &txt{values: map[string][]string{}}
	o := Options{HTTP: internet(t, fakeAcmeDNS(x))}
	p := made(t, solver, vault{"ad/accounts.json": acmeDNSAccounts}, o)
	if !p.alias {
		t.Error("the CNAME is not followed")
	}
	at := func(name, keyAuth, seen string) *record {
		r := recordOf("_acme-challenge."+name+".", keyAuth)
		r.seen = seen
		return r
	}
	one, two := at("shop.example.com", "one", "d420.auth.example.org."), at("shop.example.com", "two", "d420.auth.example.org.")
	for _, r := range []*record{one, two} {
		if err := p.present(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string][]string{"d420": {one.value, two.value}}, x.values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if err := p.remove(t.Context(), one); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		r    *record
		want string
	}{
		{at("shop.example.com", "x", "_acme-challenge.shop.example.com."),
			"_acme-challenge.shop.example.com has no CNAME to the account's record; create: _acme-challenge.shop.example.com. CNAME d420.auth.example.org."},
		{at("www.example.com", "x", ""), "no account for www.example.com; accounts exist for example.com, shop.example.com"},
	} {
		if err := p.present(t.Context(), c.r); text(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	err := p.present(t.Context(), at("example.com", "x", "eabc.auth.example.org."))
	if texts := p.secret.brief(err); texts != `failed to update TXT record: response error : status code 401 response: {"error": "forbidden", "you": "***"}` {
		t.Errorf("got %s", texts)
	}
	if len(x.wrong) > 0 {
		t.Errorf("requested %q", x.wrong)
	}
}

// TestAcmeDNSLeads: without a cnameStrategy, the record is at the target of the CNAME.
func TestAcmeDNSLeads(t *testing.T) {
	x := &txt{values: map[string][]string{}}
	w := newTestDNS(t, twoServers+shop+" CNAME d420.auth.example.org.\nexample.org. SOA a. b. 1 1 1 1 1\nexample.org. NS ns1.example.net.")
	server := w.serve(2, "")
	o := w.options()
	o.HTTP = internet(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fakeAcmeDNS(x).ServeHTTP(rw, r)
		for _, v := range x.values["d420"] {
			server.add("d420.auth.example.org. TXT " + v)
		}
	}))
	s := solverOf(t, "acmeDNS: {host: 'https://auth.example.org', accountSecretRef: {name: ad, key: accounts.json}}")
	p, err := New(t.Context(), s, vault{"ad/accounts.json": acmeDNSAccounts}.read, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Present(t.Context(), challenges("shop.example.com", "*.shop.example.com")); err != nil {
		t.Error(err)
	}
	if queried := strings.Join(server.questions(), " "); strings.Contains(queried, "_acme-challenge") {
		t.Errorf("looks at %s", queried)
	}
}
