package lint

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

// issuerRules are about Issuers and ClusterIssuers.
var issuerRules = []finding.Rule{
	{
		ID: "C201", What: "the CA does not have the profile", Severity: finding.Error,
		Why: "Every Order fails. Let's Encrypt has classic, tlsserver and shortlived; tlsclient ended on 2026-07-08.",
		Fix: "set profile: tlsserver for 45 days or shortlived for 6 days, or remove profile",
	},
	{
		ID: "C202", What: "the CA's server is not verified", Severity: finding.Warning,
		Why: "With skipTLSVerify, an attacker on the network can impersonate the CA.",
		Fix: "set caBundle to the root of the CA's server",
	},
	{
		ID: "C203", What: "the issuer uses a staging server", Severity: finding.Note,
		Why: "Clients do not trust certificates from Let's Encrypt's staging server. Moving the issuer to production does not replace existing certificates.",
		Fix: "for production set server: letsencrypt in certs.yaml, or https://acme-v02.api.letsencrypt.org/directory, then run cmctl renew NAME for each certificate; kubectl certs run replaces them by itself",
	},
	{
		ID: "C204", What: "the CA rejects the email address", Severity: finding.Error,
		Why: "Let's Encrypt registers no account with an address at example.com or at a domain that cannot exist, so a new issuer never becomes ready.",
		Fix: "set your own address, or remove email: Let's Encrypt no longer sends expiry mail",
	},
	{
		ID: "C205", What: "the issuer cannot read the Secret", Severity: finding.Warning,
		Why: "An Issuer reads Secrets in its own namespace, a ClusterIssuer those in cert-manager's cluster resource namespace. Since cert-manager 1.21 an issuer without its Secrets stays InvalidSolver.",
		Fix: "create the Secret with this name in the namespace of the Issuer, or for a ClusterIssuer in cert-manager's cluster resource namespace (default cert-manager)",
	},
	{
		ID: "C206", What: "the issuer does not have exactly one type", Severity: finding.Error,
		Why: "cert-manager's webhook requires exactly one of acme, ca, vault, selfSigned and venafi.",
		Fix: "keep one type; create a second issuer for another",
	},
	{
		ID: "C207", What: "the solver is never used", Severity: finding.Warning,
		Why: "cert-manager does not try solvers one after the other. It picks one, the first of those with equal selectors.",
		Fix: "give each solver its own selector, for example dnsZones for DNS-01, or remove the solver",
	},
	{
		ID: "C208", What: "the CA issuer cannot sign", Severity: finding.Error,
		Why: "The certificate in its Secret is not a CA, or the Secret is in a namespace that the issuer does not read.",
		Fix: "set isCA: true on the Certificate, and create it in the namespace of the Issuer, or for a ClusterIssuer in cert-manager's cluster resource namespace (default cert-manager)",
	},
}
