package dns01

import (
	"fmt"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
)

// azureIdentity is a client secret; or, where that is allowed, the workload
// identity of this pod, the managed identity that the solver names, or whoever
// is signed in on this machine.
func azureIdentity(c *reader, s *cmacme.ACMEIssuerDNS01ProviderAzureDNS, o Options, authority string) (azcore.TokenCredential, error) {
	common := azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: authority}, Transport: o.http()}
	if s.ClientID != "" || s.ClientSecret != nil {
		return azureClientSecret(c, s, common)
	}
	if !o.Ambient {
		c.bad("clientID", "required with clientSecretSecretRef and tenantID, unless this issuer may use the identity of the machine")
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
		c.bad("managedIdentity", "excludes a client secret")
	}
	if s.ClientID == "" {
		c.bad("clientID", "required beside clientSecretSecretRef")
	}
	if s.TenantID == "" {
		c.bad("tenantID", "required beside clientID")
	}
	if s.ClientSecret == nil {
		c.bad("clientSecretSecretRef", "required beside clientID")
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
