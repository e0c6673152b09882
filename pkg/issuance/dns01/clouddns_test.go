package dns01

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// fakeGoogle serves the API of Cloud DNS, v1, whose sets are only replaced if unchanged, and
// the sign-in of service accounts.
type fakeGoogle struct {
	*txt
	race bool // one concurrent change comes first
}

func (f *fakeGoogle) say(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(body)
}

func (f *fakeGoogle) fault(w http.ResponseWriter, code int, message string) {
	f.say(w, code, map[string]any{"error": map[string]any{"code": code, "message": message}})
}

// token requires an assertion signed by a service account (RFC 7523).
func (f *fakeGoogle) token(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.FormValue("assertion"), ".")
	claims, _ := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
	var c struct{ Iss, Scope string }
	_ = json.Unmarshal(claims, &c)
	if len(parts) != 3 || c.Iss != "me@project.iam.gserviceaccount.com" || c.Scope != cloudDNSScope {
		f.fault(w, 400, "invalid_grant: "+string(claims))
		return
	}
	f.say(w, 200, map[string]any{"access_token": "google-token", "token_type": "Bearer", "expires_in": 3600})
}

func (f *fakeGoogle) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST oauth2.googleapis.com/token", f.token)
	const project = "dns.googleapis.com/dns/v1/projects/project/"
	mux.HandleFunc("GET "+project+"managedZones", func(w http.ResponseWriter, r *http.Request) {
		zones := []map[string]string{{"name": "inside", "visibility": "private"}, {"name": "outside", "visibility": "public"}}
		if r.FormValue("dnsName") != "example.com." {
			zones = nil
		}
		f.say(w, 200, map[string]any{"managedZones": zones})
	})
	mux.HandleFunc("GET "+project+"managedZones/outside/rrsets", func(w http.ResponseWriter, r *http.Request) {
		sets := []googleSet{}
		if set, there := f.set(r.FormValue("name")); there && r.FormValue("type") == "TXT" {
			sets = append(sets, set)
		}
		f.say(w, 200, map[string]any{"rrsets": sets})
	})
	mux.HandleFunc("POST "+project+"managedZones/outside/changes", f.change)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if r.Host == "dns.googleapis.com" && r.Header.Get("Authorization") != "Bearer google-token" {
			f.fault(w, 401, "Request had invalid authentication credentials.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (f *fakeGoogle) set(fqdn string) (googleSet, bool) {
	values := f.values[plain(fqdn)]
	set := googleSet{Name: fqdn, Type: "TXT", TTL: 60}
	for _, v := range values {
		set.Data = append(set.Data, `"`+v+`"`)
	}
	return set, len(values) > 0
}

func (f *fakeGoogle) change(w http.ResponseWriter, r *http.Request) {
	var in struct{ Additions, Deletions []googleSet }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		f.wrong = append(f.wrong, err.Error())
	}
	if f.race {
		f.race = false
		f.values[plain(shop)] = append(f.values[plain(shop)], "faster")
	}
	for _, d := range in.Deletions {
		if have, _ := f.set(d.Name); fmt.Sprint(have) != fmt.Sprint(d) {
			f.fault(w, 412, "Precondition not met for 'entity.change.deletions[0]'")
			return
		}
		delete(f.values, plain(d.Name))
	}
	for _, a := range in.Additions {
		if _, there := f.set(a.Name); there {
			f.fault(w, 409, "The resource 'entity.change.additions[0]' already exists")
			return
		}
		for _, v := range a.Data {
			f.values[plain(a.Name)] = append(f.values[plain(a.Name)], strings.Trim(v, `"`))
		}
	}
	f.say(w, 200, map[string]string{"id": "1", "status": "pending"})
}

// serviceAccountKey returns a key file as Google issues it: JSON with a private key.
func serviceAccountKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(map[string]string{
		"type": "service_account", "project_id": "project", "private_key_id": "id",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email": "me@project.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token",
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCloudDNS(t *testing.T) {
	t.Parallel()
	secrets := vault{"gcp/key.json": serviceAccountKey(t)}
	f := &fakeGoogle{txt: &txt{}}
	client := internet(t, f.handler())
	for _, solver := range []string{
		"cloudDNS: {project: project, serviceAccountSecretRef: {name: gcp, key: key.json}}",
		"cloudDNS: {project: project, hostedZoneName: outside, serviceAccountSecretRef: {name: gcp, key: key.json}}",
	} {
		tryHost(t, f.txt, func() host { return made(t, solver, secrets, Options{HTTP: client}).host })
	}
	h := made(t, "cloudDNS: {project: project, serviceAccountSecretRef: {name: gcp, key: key.json}}", secrets, Options{HTTP: client})

	// A concurrent change of the same set between read and write.
	f.race = true
	r := recordOf(shop, "one")
	if err := h.present(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if want := []string{plain(shop) + " theirs", plain(shop) + " faster", plain(shop) + " " + r.value}; !slices.Equal(f.all(), sorted(want)) {
		t.Errorf("records %q, want %q", f.all(), want)
	}

	// A missing zone, and an account without permissions.
	r.zone = recordZone("example.org.")
	if err := h.present(t.Context(), r); text(err) != "no public zone example.org in the project" {
		t.Error(err)
	}
	other := vault{"gcp/key.json": strings.ReplaceAll(secrets["gcp/key.json"], "me@", "you@")}
	texts := refusedWith(t, made(t, "cloudDNS: {project: project, serviceAccountSecretRef: {name: gcp, key: key.json}}", other, Options{HTTP: client}), other)
	if want := "GET /managedZones: oauth2: cannot fetch token: 400 Bad Request"; !strings.HasPrefix(texts, want) {
		t.Errorf("got  %s\nwant %s", texts, want)
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }
