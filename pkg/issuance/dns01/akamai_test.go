package dns01

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/akamai/AkamaiOPEN-edgegrid-golang/v13/pkg/edgegrid"
	"github.com/go-acme/lego/v4/providers/dns/edgedns"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const akamaiSolver = `akamai:
  serviceConsumerDomain: host.luna.akamaiapis.net
  clientTokenSecretRef: {name: ak, key: client-token}
  clientSecretSecretRef: {name: ak, key: client-secret}
  accessTokenSecretRef: {name: ak, key: access-token}
`

var akamaiSecrets = vault{"ak/client-token": "akab-client-token", "ak/client-secret": "s3cr3t-client", "ak/access-token": "akab-access-token\n"}

// fakeAkamai serves Akamai's Edge DNS API, v2: one record set per name and type.
func fakeAkamai(x *txt) http.Handler {
	const path = "/config-dns/v2/zones/example.com/names/"
	fault := func(w http.ResponseWriter, code int, title string) {
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(map[string]any{"type": "problem", "title": title, "detail": title, "status": code})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		defer x.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasPrefix(r.Header.Get("Authorization"), "EG1-HMAC-SHA256 client_token=akab-client-token;access_token=akab-access-token;") {
			fault(w, 401, "Not authorized")
			return
		}
		name, _ := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, path), "/types/TXT")
		name = plain(name)
		there := len(x.values[name]) > 0
		switch r.Method {
		case "GET":
			if !there {
				fault(w, 404, "Not found")
				return
			}
			data := []string{}
			for _, v := range x.values[name] {
				data = append(data, `"`+v+`"`)
			}
			json.NewEncoder(w).Encode(map[string]any{"name": name, "type": "TXT", "ttl": 60, "rdata": data})
		case "DELETE":
			delete(x.values, name)
			w.WriteHeader(204)
		case "POST", "PUT":
			var in struct {
				Type  string
				TTL   int
				Rdata []string
			}
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Type != "TXT" || in.TTL < 30 || (r.Method == "PUT") != there {
				x.wrong = append(x.wrong, fmt.Sprint(r.Method, in, err))
			}
			x.values[name] = nil
			for _, v := range in.Rdata {
				x.values[name] = append(x.values[name], strings.Trim(v, `"`))
			}
			w.WriteHeader(map[string]int{"POST": 201, "PUT": 200}[r.Method])
			json.NewEncoder(w).Encode(in)
		}
		slices.Sort(x.values[name])
	})
}

// TestAkamai replaces http.DefaultTransport while it runs: the library uses only the default
// client.
func TestAkamai(t *testing.T) {
	x := &txt{}
	server := httptest.NewTLSServer(fakeAkamai(x))
	t.Cleanup(server.Close)
	before := http.DefaultClient.Transport
	http.DefaultClient.Transport = overTLS(t, server).Transport
	t.Cleanup(func() { http.DefaultClient.Transport = before })
	tryHost(t, x, func() host { return made(t, akamaiSolver, akamaiSecrets, Options{}).host })

	wrong := vault{"ak/client-token": "akab-wrong-token", "ak/client-secret": "wr0ng-client", "ak/access-token": "akab-wrong-access"}
	texts := refusedWith(t, made(t, akamaiSolver, wrong, Options{}), wrong)
	if !strings.Contains(texts, "Title: Not authorized") {
		t.Errorf("got %s", texts)
	}
}

// TestAkamaiConfig compares the configuration that lego gets.
func TestAkamaiConfig(t *testing.T) {
	c := &reader{ctx: t.Context(), solver: "akamai", secrets: map[string]secret{}, read: akamaiSecrets.read}
	want := &edgedns.Config{TTL: 60, Config: &edgegrid.Config{
		Host: "host.luna.akamaiapis.net", ClientToken: "akab-client-token", ClientSecret: "s3cr3t-client", AccessToken: "akab-access-token", MaxBody: 131072,
	}}
	if diff := cmp.Diff(want, akamaiConfig(c, solverOf(t, akamaiSolver).Akamai), cmpopts.IgnoreUnexported(edgegrid.Config{})); diff != "" || c.err() != nil {
		t.Errorf("%v (-want +got):\n%s", c.err(), diff)
	}
}
