package dns01

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
)

// azureDNS replaces a record set unless it has changed since it was read. lego's provider needs
// read access to all zones of the subscription, accepts no user-assigned managed identity, and
// deletes all values on cleanup.
type azureDNS struct {
	rest
	named   string // the zone; "" looks it up in the DNS
	private bool
}

// azureClouds are the sign-in and management URLs by cert-manager's environment names.
// AzureGermanCloud was closed in October 2021.
var azureClouds = map[cmacme.AzureDNSEnvironment][2]string{
	"":                            {"https://login.microsoftonline.com/", "https://management.azure.com"},
	cmacme.AzurePublicCloud:       {"https://login.microsoftonline.com/", "https://management.azure.com"},
	cmacme.AzureChinaCloud:        {"https://login.chinacloudapi.cn/", "https://management.chinacloudapi.cn"},
	cmacme.AzureUSGovernmentCloud: {"https://login.microsoftonline.us/", "https://management.usgovcloudapi.net"},
}

func newAzure(c *reader, s *cmacme.ACMEIssuerDNS01ProviderAzureDNS, o Options) (backend, error) {
	if s.SubscriptionID == "" {
		c.bad("subscriptionID", "required")
	}
	if s.ResourceGroupName == "" {
		c.bad("resourceGroupName", "required")
	}
	cloud, known := azureClouds[s.Environment]
	if s.Environment == cmacme.AzureGermanCloud {
		c.bad("environment", "AzureGermanCloud was closed in 2021")
	} else if !known {
		c.bad("environment", "unknown environment %q: use AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud", s.Environment)
	}
	h := &azureDNS{named: s.HostedZoneName, private: s.ZoneType == cmacme.PrivateAzureZone}
	h.rest = rest{client: o.http(), message: azureMessage, base: fmt.Sprintf("%s/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network",
		cloud[1], url.PathEscape(s.SubscriptionID), url.PathEscape(s.ResourceGroupName))}
	identity, err := azureIdentity(c, s, o, cloud[0])
	h.sign = azureSigner(identity, cloud[1]+"/.default")
	return backend{host: h, name: "Azure DNS"}, err
}

func azureSigner(identity azcore.TokenCredential, scope string) func(*http.Request) error {
	return func(r *http.Request) error {
		token, err := identity.GetToken(r.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
		if err != nil {
			return fmt.Errorf("sign in: %w", err)
		}
		r.Header.Set("Authorization", "Bearer "+token.Token)
		return nil
	}
}

// azureSet is a record set. Public and private zones use different field names, see body.
type azureSet struct {
	Etag       string `json:"etag"`
	Properties struct {
		TTL        int           `json:"TTL"`
		TXTRecords []azureRecord `json:"TXTRecords"`
	} `json:"properties"`
}

type azureRecord struct {
	Value []string `json:"value"`
}

// body returns the request body with the field names of the kind of zone.
func (h *azureDNS) body(ttl int, records []azureRecord) any {
	names := [2]string{"TTL", "TXTRecords"}
	if h.private {
		names = [2]string{"ttl", "txtRecords"}
	}
	return map[string]any{"properties": map[string]any{names[0]: ttl, names[1]: records}}
}

func (h *azureDNS) present(ctx context.Context, r *record) error {
	return h.change(ctx, r, func(records []azureRecord) []azureRecord {
		return append(records, azureRecord{[]string{r.value}})
	})
}

func (h *azureDNS) remove(ctx context.Context, r *record) error {
	return h.change(ctx, r, func(records []azureRecord) []azureRecord { return records })
}

// change edits the values at a name except the record's own.
func (h *azureDNS) change(ctx context.Context, r *record, edit func([]azureRecord) []azureRecord) (err error) {
	zone := h.named
	if zone == "" {
		if zone, err = r.zone(ctx); err != nil {
			return err
		}
	}
	path, err := h.path(r.fqdn, plain(zone))
	if err != nil {
		return err
	}
	for range 5 {
		err = h.once(ctx, path, r, edit)
		if !refused(err, http.StatusPreconditionFailed) {
			break // no concurrent change
		}
	}
	if refused(err, http.StatusNotFound) {
		return fmt.Errorf("no zone %s in the resource group: %w", plain(zone), err)
	}
	return err
}

func (h *azureDNS) path(fqdn, zone string) (string, error) {
	relative, within := strings.CutSuffix(plain(fqdn), "."+zone)
	if plain(fqdn) == zone {
		relative, within = "@", true
	}
	if !within {
		return "", fmt.Errorf("%s is not in the zone %s", plain(fqdn), zone)
	}
	kind := "dnsZones"
	if h.private {
		kind = "privateDnsZones"
	}
	return "/" + kind + "/" + url.PathEscape(zone) + "/TXT/" + url.PathEscape(relative), nil
}

func (h *azureDNS) once(ctx context.Context, path string, r *record, edit func([]azureRecord) []azureRecord) error {
	version := url.Values{"api-version": {"2018-05-01"}}
	if h.private {
		version.Set("api-version", "2018-09-01")
	}
	var current azureSet
	err := h.do(ctx, request{method: "GET", path: path, query: version, out: &current})
	if err != nil && !refused(err, http.StatusNotFound) {
		return err
	}
	own := func(one azureRecord) bool { return strings.Join(one.Value, "") == r.value }
	want := edit(slices.DeleteFunc(slices.Clone(current.Properties.TXTRecords), own))
	if len(want) == len(current.Properties.TXTRecords) {
		return nil // nothing to change
	}
	guard, ttl := http.Header{"If-Match": {current.Etag}}, current.Properties.TTL
	if current.Etag == "" {
		guard, ttl = http.Header{"If-None-Match": {"*"}}, 60
	}
	if len(want) == 0 {
		return h.do(ctx, request{method: "DELETE", path: path, query: version, header: guard})
	}
	return h.do(ctx, request{method: "PUT", path: path, query: version, header: guard, in: h.body(ttl, want)})
}

// azureMessage returns the message of {"code":…,"message":…} or {"error":{"message":…}}.
func azureMessage(body []byte) string {
	var answer struct{ Message string }
	if _ = json.Unmarshal(body, &answer); answer.Message != "" {
		return answer.Message
	}
	return googleMessage(body)
}

// azureIdentity returns the credential to use: a client secret or, with ambient credentials,
// the pod's workload identity, the solver's managed identity, or Azure's default credential
// chain.
func azureIdentity(c *reader, s *cmacme.ACMEIssuerDNS01ProviderAzureDNS, o Options, authority string) (azcore.TokenCredential, error) {
	common := azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: authority}, Transport: o.http()}
	if s.ClientID != "" || s.ClientSecret != nil {
		return azureClientSecret(c, s, common)
	}
	if !o.Ambient {
		c.bad("clientID", "required with clientSecretSecretRef and tenantID, unless ambient credentials are enabled for this issuer")
		return nil, nil
	}
	m := s.ManagedIdentity
	switch {
	case os.Getenv("AZURE_FEDERATED_TOKEN_FILE") != "":
		w := &azidentity.WorkloadIdentityCredentialOptions{ClientOptions: common}
		if m != nil {
			w.ClientID, w.TenantID = m.ClientID, m.TenantID
		}
		return azidentity.NewWorkloadIdentityCredential(w)
	case m != nil && m.ClientID != "":
		return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: common, ID: azidentity.ClientID(m.ClientID)})
	case m != nil && m.ResourceID != "":
		return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: common, ID: azidentity.ResourceID(m.ResourceID)})
	}
	return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: common})
}

func azureClientSecret(c *reader, s *cmacme.ACMEIssuerDNS01ProviderAzureDNS, common azcore.ClientOptions) (azcore.TokenCredential, error) {
	if s.ManagedIdentity != nil {
		c.bad("managedIdentity", "cannot be combined with a client secret")
	}
	if s.ClientID == "" {
		c.bad("clientID", "required with clientSecretSecretRef")
	}
	if s.TenantID == "" {
		c.bad("tenantID", "required with clientID")
	}
	if s.ClientSecret == nil {
		c.bad("clientSecretSecretRef", "required with clientID")
		return nil, nil
	}
	secret := c.get("clientSecretSecretRef", *s.ClientSecret)
	if c.err() != nil {
		return nil, nil
	}
	identity, err := azidentity.NewClientSecretCredential(s.TenantID, s.ClientID, secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: common})
	if err != nil {
		return nil, fmt.Errorf("azureDNS: %w", err)
	}
	return identity, nil
}
