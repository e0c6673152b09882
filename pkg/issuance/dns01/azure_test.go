package dns01

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeAzure serves the REST API of Azure DNS for public and private zones, with ETags, and the
// sign-in at login.microsoftonline.com.
type fakeAzure struct {
	*txt
	version int // of all sets, for ETags
	race    bool
	private bool
}

const azureBase = "/subscriptions/sub/resourceGroups/group/providers/Microsoft.Network/"

func (f *fakeAzure) say(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(body)
}

func (f *fakeAzure) fault(w http.ResponseWriter, code int, message string) {
	f.say(w, code, map[string]string{"code": http.StatusText(code), "message": message})
}

func (f *fakeAzure) handler() http.Handler {
	const login = "https://login.microsoftonline.com/tenant/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET login.microsoftonline.com/common/discovery/instance", func(w http.ResponseWriter, r *http.Request) {
		f.say(w, 200, map[string]any{"tenant_discovery_endpoint": login + "v2.0/.well-known/openid-configuration", "metadata": []any{}})
	})
	mux.HandleFunc("GET login.microsoftonline.com/tenant/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		f.say(w, 200, map[string]string{"issuer": login + "v2.0", "authorization_endpoint": login + "oauth2/v2.0/authorize", "token_endpoint": login + "oauth2/v2.0/token"})
	})
	mux.HandleFunc("POST login.microsoftonline.com/tenant/oauth2/v2.0/token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("client_secret") != "s3cr3t" || r.FormValue("client_id") != "client" || !strings.HasPrefix(r.FormValue("scope"), "https://management.azure.com/.default") {
			f.say(w, 401, map[string]string{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided: " + r.FormValue("client_secret")})
			return
		}
		f.say(w, 200, map[string]any{"access_token": "azure-token", "token_type": "Bearer", "expires_in": 3600})
	})
	mux.HandleFunc("GET 169.254.169.254/metadata/identity/oauth2/token", func(w http.ResponseWriter, r *http.Request) {
		f.log = append(f.log, "identity "+r.FormValue("client_id")+r.FormValue("msi_res_id")+r.FormValue("mi_res_id"))
		f.say(w, 200, map[string]any{"access_token": "azure-token", "token_type": "Bearer", "expires_in": "3600", "resource": r.FormValue("resource")})
	})
	mux.HandleFunc("management.azure.com/", f.sets)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func (f *fakeAzure) sets(w http.ResponseWriter, r *http.Request) {
	kind, version, names := "dnsZones", "2018-05-01", [2]string{"TTL", "TXTRecords"}
	if f.private {
		kind, version, names = "privateDnsZones", "2018-09-01", [2]string{"ttl", "txtRecords"}
	}
	relative, ours := strings.CutPrefix(r.URL.Path, azureBase+kind+"/example.com/TXT/")
	switch {
	case r.Header.Get("Authorization") != "Bearer azure-token":
		f.fault(w, 401, "Authentication failed.")
		return
	case !ours:
		f.fault(w, 404, "The resource "+r.URL.Path+" was not found.")
		return
	case r.FormValue("api-version") != version:
		f.wrong = append(f.wrong, r.URL.String())
	}
	name := relative + ".example.com"
	if f.race && r.Method != "GET" {
		f.race = false
		f.version++
		f.values[name] = append(f.values[name], "faster")
	}
	etag := ""
	if len(f.values[name]) > 0 {
		etag = fmt.Sprint("etag-", f.version)
	}
	if guard := r.Header.Get("If-Match"); guard != "" && guard != etag || r.Header.Get("If-None-Match") == "*" && etag != "" {
		f.fault(w, 412, "The record set has been modified.")
		return
	}
	switch r.Method {
	case "GET":
		if etag == "" {
			f.fault(w, 404, "The resource record '"+relative+"' does not exist in resource group 'group'.")
			return
		}
		records := []map[string]any{}
		for _, v := range f.values[name] {
			records = append(records, map[string]any{"value": []string{v}})
		}
		f.say(w, 200, map[string]any{"etag": etag, "name": relative, "properties": map[string]any{names[0]: 60, names[1]: records, "fqdn": name + "."}})
	case "PUT":
		f.version++
		f.values[name] = f.decode(r, names)
		f.say(w, 200, map[string]any{"etag": fmt.Sprint("etag-", f.version)})
	case "DELETE":
		if r.Header.Get("If-Match") == "" {
			f.wrong = append(f.wrong, "deletes whatever is there")
		}
		delete(f.values, name)
		w.WriteHeader(200)
	}
}

// decode fails unless the field names are those of the kind of zone.
func (f *fakeAzure) decode(r *http.Request, names [2]string) (values []string) {
	var in struct{ Properties map[string]json.RawMessage }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Properties[names[0]] == nil || in.Properties[names[1]] == nil {
		f.wrong = append(f.wrong, fmt.Sprint(in, err))
	}
	var records []struct{ Value []string }
	if err := json.Unmarshal(in.Properties[names[1]], &records); err != nil {
		f.wrong = append(f.wrong, err.Error())
	}
	for _, record := range records {
		values = append(values, record.Value...)
	}
	return values
}

const azureSolver = "azureDNS: {subscriptionID: sub, resourceGroupName: group, clientID: client, tenantID: tenant, clientSecretSecretRef: {name: az, key: secret}"

func TestAzure(t *testing.T) {
	secrets := vault{"az/secret": "s3cr3t"}
	for _, c := range []struct {
		more    string
		private bool
	}{{"}", false}, {", hostedZoneName: example.com}", false}, {", zoneType: AzurePrivateZone}", true}} {
		f := &fakeAzure{txt: &txt{}, private: c.private}
		client := secure(t, f.handler())
		fresh := func() host { return made(t, azureSolver+c.more, secrets, Options{HTTP: client}).host }
		tryHost(t, f.txt, fresh)

		f.race = true
		r := recordOf(shop, "one")
		if err := fresh().present(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if want := sorted([]string{plain(shop) + " theirs", plain(shop) + " faster", plain(shop) + " " + r.value}); !slices.Equal(f.all(), want) {
			t.Errorf("records %q, want %q", f.all(), want)
		}
	}
	client := secure(t, (&fakeAzure{txt: &txt{}}).handler())
	wrong := vault{"az/secret": "wr0ng-secret"}
	texts := refusedWith(t, made(t, azureSolver+"}", wrong, Options{HTTP: client}), wrong)
	if !strings.HasPrefix(texts, "sign in: ClientSecretCredential authentication failed.") || !strings.Contains(texts, "AADSTS7000215") {
		t.Errorf("got %s", texts)
	}
	r := recordOf("_acme-challenge.example.org.", "one")
	if err := made(t, azureSolver+", hostedZoneName: example.com}", secrets, Options{HTTP: client}).present(t.Context(), r); text(err) != "_acme-challenge.example.org is not in the zone example.com" {
		t.Error(err)
	}
	r.zone = recordZone("example.org.")
	err := made(t, azureSolver+"}", secrets, Options{HTTP: client}).present(t.Context(), r)
	if want := "no zone example.org in the resource group: PUT /dnsZones/example.org/TXT/_acme-challenge: 404 Not Found: The resource " + azureBase + "dnsZones/example.org/TXT/_acme-challenge was not found."; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestAzureManagedIdentity: a token of the solver's managed identity is requested.
func TestAzureManagedIdentity(t *testing.T) {
	t.Setenv("AZURE_FEDERATED_TOKEN_FILE", "")
	t.Setenv("IDENTITY_ENDPOINT", "")
	t.Setenv("MSI_ENDPOINT", "")
	mine := fmt.Sprint("client-", time.Now().UnixNano()) // the library caches tokens for the whole process
	id := "/subscriptions/sub/resourcegroups/group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + mine
	for identity, want := range map[string]string{"clientID: " + mine: "identity " + mine, "resourceID: " + id: "identity " + id} {
		f := &fakeAzure{txt: &txt{values: map[string][]string{}}}
		p := made(t, "azureDNS: {subscriptionID: sub, resourceGroupName: group, managedIdentity: {"+identity+"}}", nil, Options{HTTP: secure(t, f.handler()), Ambient: true})
		if err := p.present(t.Context(), recordOf(shop, "one")); err != nil {
			t.Error(err)
		}
		if len(f.log) != 1 || f.log[0] != want {
			t.Errorf("requested %q, want %s", f.log, want)
		}
	}
}

// secure is internet with TLS, which this library requires.
func secure(t *testing.T, h http.Handler) *http.Client {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	return overTLS(t, server)
}
