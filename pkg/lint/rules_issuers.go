package lint

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

// issuerRules are about Issuers and ClusterIssuers.
var issuerRules = []finding.Rule{
	{
		ID: "C201", What: "a profile that the CA does not have", Severity: finding.Error,
		Why: "Every Order fails for good. Let's Encrypt has classic, tlsserver and shortlived; tlsclient ended on 2026-07-08.",
		Fix: "profile: tlsserver for 45 days, shortlived for 6 days, or none",
	},
	{
		ID: "C202", What: "the CA's own certificate is not checked", Severity: finding.Warning,
		Why: "With skipTLSVerify whoever is on the way to the CA can stand in for it.",
		Fix: "put the root of the CA's server into caBundle",
	},
	{
		ID: "C203", What: "the staging server", Severity: finding.Note,
		Why: "No client trusts what Let's Encrypt's staging server issues. And moving an issuer to production does not replace its certificates by itself.",
		Fix: "in production server: https://acme-v02.api.letsencrypt.org/directory, and afterwards cmctl renew NAME, or kubectl certs renew SECRET where kubectl certs run issues",
	},
	{
		ID: "C204", What: "an e-mail address that the CA refuses", Severity: finding.Error,
		Why: "Let's Encrypt registers no account with an address at example.com or at none that can be, so an issuer without an account never becomes ready.",
		Fix: "write an address of yours, or leave email out: Let's Encrypt sends no mail about expiry any more",
	},
	{
		ID: "C205", What: "a Secret out of the issuer's reach", Severity: finding.Warning,
		Why: "An Issuer reads Secrets of its own namespace, a ClusterIssuer those of cert-manager's cluster resource namespace. Since cert-manager 1.21 the issuer stays InvalidSolver until they are there.",
		Fix: "put the Secret under that name into the namespace of the Issuer, or of cert-manager for a ClusterIssuer",
	},
	{
		ID: "C206", What: "not exactly one type of issuer", Severity: finding.Error,
		Why: "cert-manager's webhook refuses it: one of acme, ca, vault, selfSigned and venafi.",
		Fix: "leave one of them; two issuers are two objects",
	},
	{
		ID: "C207", What: "a solver that is never picked", Severity: finding.Warning,
		Why: "cert-manager does not try one solver after the other. It picks one, of equals the first.",
		Fix: "give each a selector of its own, dnsZones for DNS-01; or leave it out",
	},
	{
		ID: "C208", What: "a CA issuer that cannot sign", Severity: finding.Error,
		Why: "It signs with the Secret that a Certificate of these manifests fills, and that certificate is no CA, or its Secret is out of reach.",
		Fix: "isCA: true on the Certificate, and both in one namespace, for a ClusterIssuer cert-manager's",
	},
}
