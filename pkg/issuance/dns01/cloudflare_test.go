package dns01

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeCloudflare serves the API of Cloudflare, v4: its envelope, its error codes, and records
// with one value each.
func fakeCloudflare(x *txt, signed func(*http.Request) bool) http.Handler {
	ids := map[string][2]string{} // ID to name and value
	next := 0
	say := func(w http.ResponseWriter, code int, result any, errors ...cloudflareError) {
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(map[string]any{"success": len(errors) == 0, "errors": errors, "messages": []any{}, "result": result})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /client/v4/zones", func(w http.ResponseWriter, r *http.Request) {
		found := []map[string]string{}
		if r.FormValue("name") == "example.com" {
			found = append(found, map[string]string{"id": "zone-1", "name": "example.com"})
		}
		say(w, 200, found)
	})
	mux.HandleFunc("POST /client/v4/zones/zone-1/dns_records", func(w http.ResponseWriter, r *http.Request) {
		var in cloudflareRecord
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Type != "TXT" || in.TTL < 60 {
			x.wrong = append(x.wrong, fmt.Sprint(in, err))
		}
		value := strings.Trim(in.Content, `"`)
		if slices.Contains(x.values[in.Name], value) {
			say(w, 400, nil, cloudflareError{Code: 81058, Message: "An identical record already exists."})
			return
		}
		next++
		ids[fmt.Sprint("id-", next)] = [2]string{in.Name, value}
		x.values[in.Name] = append(x.values[in.Name], value)
		say(w, 200, map[string]string{"id": fmt.Sprint("id-", next)})
	})
	mux.HandleFunc("GET /client/v4/zones/zone-1/dns_records", func(w http.ResponseWriter, r *http.Request) {
		found := []cloudflareRecord{{ID: "theirs", Type: "TXT", Name: r.FormValue("name"), Content: `"theirs"`}}
		for id, record := range ids {
			if record[0] == r.FormValue("name") && r.FormValue("type") == "TXT" {
				found = append(found, cloudflareRecord{ID: id, Type: "TXT", Name: record[0], Content: `"` + record[1] + `"`})
			}
		}
		say(w, 200, found)
	})
	mux.HandleFunc("DELETE /client/v4/zones/zone-1/dns_records/{id}", func(w http.ResponseWriter, r *http.Request) {
		record, there := ids[r.PathValue("id")]
		if !there {
			say(w, 404, nil, cloudflareError{Code: 81044, Message: "Record does not exist."})
			return
		}
		delete(ids, r.PathValue("id"))
		x.values[record[0]] = slices.DeleteFunc(x.values[record[0]], func(v string) bool { return v == record[1] })
		say(w, 200, map[string]string{"id": r.PathValue("id")})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if r.Host != "api.cloudflare.com" {
			x.wrong = append(x.wrong, r.Host)
		}
		if !signed(r) {
			say(w, 403, nil, cloudflareError{Code: 9109, Message: "Invalid access token", Chain: []cloudflareError{{Code: 1, Message: "you sent " + r.Header.Get("Authorization")}}})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func TestCloudflare(t *testing.T) {
	for _, c := range []struct {
		title, solver string
		secrets       vault
		header        http.Header
	}{
		{"token", "cloudflare: {apiTokenSecretRef: {name: cf, key: token}}", vault{"cf/token": "s3cr3t-token\n"},
			http.Header{"Authorization": {"Bearer s3cr3t-token"}}},
		{"key", "cloudflare: {email: me@example.com, apiKeySecretRef: {name: cf, key: key}}", vault{"cf/key": "s3cr3t-key"},
			http.Header{"X-Auth-Key": {"s3cr3t-key"}, "X-Auth-Email": {"me@example.com"}}},
	} {
		t.Run(c.title, func(t *testing.T) {
			x := &txt{}
			signed := func(r *http.Request) bool {
				for name := range c.header {
					if r.Header.Get(name) != c.header.Get(name) {
						return false
					}
				}
				return r.Header.Get("Authorization") == c.header.Get("Authorization")
			}
			client := internet(t, fakeCloudflare(x, signed))
			tryHost(t, x, func() host { return made(t, c.solver, c.secrets, Options{HTTP: client}).host })

			wrong := vault{"cf/token": "wr0ng-token", "cf/key": "wr0ng-key"}
			texts := refusedWith(t, made(t, c.solver, wrong, Options{HTTP: client}), wrong)
			if want := "GET /zones: 403 Forbidden: Invalid access token (9109), you sent"; !strings.HasPrefix(texts, want) {
				t.Errorf("got  %s\nwant %s", texts, want)
			}
			err := made(t, c.solver, c.secrets, Options{HTTP: client}).present(t.Context(), recordOf("_acme-challenge.shop.example.org.", "x"))
			if want := "no zone for _acme-challenge.shop.example.org is visible to these credentials; a token needs Zone:Read and DNS:Edit for the zone"; text(err) != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// TestCredentialWithLineEnd: an invalid credential is not in the error.
func TestCredentialWithLineEnd(t *testing.T) {
	secrets := vault{"cf/token": "s3cr3t\ntoken"}
	p := made(t, "cloudflare: {apiTokenSecretRef: {name: cf, key: token}}", secrets, Options{HTTP: &http.Client{Timeout: time.Minute}})
	if got, want := refusedWith(t, p, secrets), "invalid credential: it contains control characters, such as line breaks, or non-ASCII characters"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
