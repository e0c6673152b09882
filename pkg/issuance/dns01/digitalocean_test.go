package dns01

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fakeDigitalOcean serves the API of DigitalOcean, v2: requests have full names, answers names
// without the zone, and a record can exist twice.
func fakeDigitalOcean(x *txt, token string) http.Handler {
	ids := map[int][2]string{}
	next := 0
	say := func(w http.ResponseWriter, code int, body any) {
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(body)
	}
	busy := true
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/domains/example.com/records", func(w http.ResponseWriter, r *http.Request) {
		var in digitaloceanRecord
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Type != "TXT" || in.TTL < 30 || !strings.HasSuffix(in.Name, ".example.com.") {
			x.wrong = append(x.wrong, fmt.Sprint(in, err))
		}
		next++
		ids[next] = [2]string{plain(in.Name), in.Data}
		x.values[plain(in.Name)] = append(x.values[plain(in.Name)], in.Data)
		in.ID, in.Name = next, strings.TrimSuffix(in.Name, ".example.com.")
		say(w, 201, map[string]any{"domain_record": in})
	})
	mux.HandleFunc("GET /v2/domains/example.com/records", func(w http.ResponseWriter, r *http.Request) {
		if busy { // once
			busy = false
			w.Header().Set("Retry-After", "1")
			say(w, 429, map[string]string{"id": "too_many_requests", "message": "API Rate limit exceeded."})
			return
		}
		found := []digitaloceanRecord{{ID: 99, Type: "TXT", Name: "any", Data: "theirs"}}
		for id, record := range ids {
			if record[0] == r.FormValue("name") && r.FormValue("type") == "TXT" {
				found = append(found, digitaloceanRecord{ID: id, Type: "TXT", Name: strings.TrimSuffix(record[0], ".example.com"), Data: record[1]})
			}
		}
		say(w, 200, map[string]any{"domain_records": found, "links": map[string]any{}, "meta": map[string]int{"total": len(found)}})
	})
	mux.HandleFunc("DELETE /v2/domains/example.com/records/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.PathValue("id"))
		record, there := ids[id]
		if !there {
			say(w, 404, map[string]string{"id": "not_found", "message": "The resource you were accessing could not be found."})
			return
		}
		delete(ids, id)
		x.values[record[0]] = slices.DeleteFunc(x.values[record[0]], func(v string) bool { return v == record[1] })
		w.WriteHeader(204)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		say(w, 404, map[string]string{"id": "not_found", "message": "The resource you were accessing could not be found."})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if r.Host != "api.digitalocean.com" {
			x.wrong = append(x.wrong, r.Host)
		}
		if r.Header.Get("Authorization") != "Bearer "+token {
			say(w, 401, map[string]string{"id": "Unauthorized", "message": "Unable to authenticate you"})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func TestDigitalOcean(t *testing.T) {
	t.Parallel()
	const solver = "digitalocean: {tokenSecretRef: {name: do, key: token}}"
	secrets := vault{"do/token": "s3cr3t-token"}
	x := &txt{}
	client := internet(t, fakeDigitalOcean(x, "s3cr3t-token"))
	fresh := func() host { return made(t, solver, secrets, Options{HTTP: client}).host }
	tryHost(t, x, fresh)

	wrong := vault{"do/token": "wr0ng-token"}
	if got, want := refusedWith(t, made(t, solver, wrong, Options{HTTP: client}), wrong), "GET /domains/example.com/records: 401 Unauthorized: Unable to authenticate you"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	other := recordOf(shop, "one")
	other.zone = recordZone("example.org.")
	want := "no domain example.org is visible to this token: GET /domains/example.org/records: 404 Not Found: The resource you were accessing could not be found."
	if err := fresh().present(t.Context(), other); text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
