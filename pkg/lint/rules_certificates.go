package lint

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

// certificateRules are about the certificates that objects ask for.
var certificateRules = []finding.Rule{
	{
		ID: "C101", What: "a name that no solver proves", Severity: finding.Error,
		Why: "cert-manager picks a solver for each name, and a wildcard can be proved by DNS-01 only (RFC 8555, 8.4). Without one the Order fails, hours or months after the manifest was merged.",
		Fix: "give the issuer a dns01 solver whose selector has the name or its zone, or a solver without selector",
	},
	{
		ID: "C102", What: "an issuer of another kind, group or namespace", Severity: finding.Error,
		Why: "A reference without kind means an Issuer in the object's own namespace. cert-manager waits for one that is not there and never says more than not found.",
		Fix: "annotate cert-manager.io/cluster-issuer or write kind: ClusterIssuer for a ClusterIssuer, cert-manager.io/issuer and kind: Issuer for an Issuer in the same namespace",
	},
	{
		ID: "C103", What: "an issuer that is not among these manifests", Severity: finding.Note,
		Why: "Without it there is no telling how names are proved and what its CA takes.",
		Fix: "judge it together with what asks for it",
	},
	{
		ID: "C104", What: "several certificates for one Secret", Severity: finding.Error,
		Why: "cert-manager issues a certificate only into a Secret that is its own. Of two Certificates with one Secret the second is never issued; of two annotations with one Secret the names of the second are in no certificate.",
		Fix: "give one of them another secretName",
	},
	{
		ID: "C105", What: "a certificate for nothing", Severity: finding.Error,
		Why: "cert-manager's webhook refuses a Certificate without any name.",
		Fix: "add dnsNames",
	},
	{
		ID: "C106", What: "a common name over 64 characters", Severity: finding.Error,
		Why: "X.509 ends common names there (RFC 5280, appendix A.1), and cert-manager's webhook refuses the Certificate.",
		Fix: "leave commonName out; clients read dnsNames",
	},
	{
		ID: "C107", What: "a common name that is none of the names", Severity: finding.Error,
		Why: "An ACME CA proves every name, the common name too, so cert-manager refuses a request where it is not among the names.",
		Fix: "leave commonName out, or add it to dnsNames",
	},
	{
		ID: "C108", What: "no host name", Severity: finding.Error,
		Why: "ACME CAs issue for letters, digits and hyphens in labels of at most 63 characters; Let's Encrypt takes 10 labels, and -- in third place of international names only.",
		Fix: "write a host name without underscores, ports and paths; international names as xn--",
	},
	{
		ID: "C109", What: "more than an ACME certificate can have", Severity: finding.Error,
		Why: "ACME CAs issue server certificates for DNS names and IP addresses. They refuse all else, or leave it out.",
		Fix: "leave it out, or use an issuer of kind ca, vault or venafi",
	},
	{
		ID: "C110", What: "a duration that the CA never hears of", Severity: finding.Note,
		Why: "An ACME CA sets the lifetime itself. cert-manager passes duration on only with enableDurationFeature.",
		Fix: "leave duration out, and choose the lifetime by the issuer's profile",
	},
	{
		ID: "C111", What: "renewBefore that does not fit the lifetime", Severity: finding.Warning,
		Why: "renewBefore counts from the end of what the CA really issues. Lifetimes shrink: with Let's Encrypt to 64 days on 2027-02-10 and 45 days on 2028-02-16.",
		Fix: "leave it out, and it is renewed when a third of its life is left; or renewBeforePercentage: 33",
	},
	{
		ID: "C112", What: "more names than the CA takes", Severity: finding.Error,
		Why: "Let's Encrypt takes 100 names with profile classic, 25 with tlsserver and shortlived (letsencrypt.org/docs/profiles).",
		Fix: "spread the names over several Secrets, or use a wildcard",
	},
	{
		ID: "C113", What: "an IP address that the CA does not take", Severity: finding.Error,
		Why: "Let's Encrypt issues for public IP addresses, and only with profile shortlived.",
		Fix: "profile: shortlived on an issuer of its own, or an issuer of kind ca for private addresses",
	},
	{
		ID: "C114", What: "a name that no public CA issues for", Severity: finding.Error,
		Why: "It ends in no public suffix, as cluster-internal names do; Let's Encrypt answers rejectedIdentifier.",
		Fix: "use an issuer of kind ca for internal names (private: in certs.yaml makes one), or a name below a domain of yours",
	},
	{
		ID: "C115", What: "a name that a wildcard covers already", Severity: finding.Error,
		Why: "Let's Encrypt refuses an order with both: redundant with a wildcard domain in the same request.",
		Fix: "leave the single name out",
	},
	{
		ID: "C116", What: "a key that the CA does not take", Severity: finding.Error,
		Why: "Let's Encrypt signs RSA keys of 2048, 3072 and 4096 bits, and ECDSA keys on P-256 and P-384.",
		Fix: "privateKey: {algorithm: ECDSA, size: 256}",
	},
	{
		ID: "C117", What: "a client certificate of a CA that issues none", Severity: finding.Warning,
		Why: "Let's Encrypt leaves client authentication out of every certificate since 2026-07-08, so servers that ask for client certificates refuse it.",
		Fix: "leave client auth out of usages, and issue client certificates by a CA of your own",
	},
	{
		ID: "C118", What: "the same names in too many Secrets", Severity: finding.Warning,
		Why: "Let's Encrypt issues 5 certificates for exactly the same names in 7 days, whoever asks.",
		Fix: "issue once and copy the Secret, for instance by reflector, or use one Gateway or Ingress for all",
	},
	{
		ID: "C119", What: "more certificates than a domain gets in a week", Severity: finding.Warning,
		Why: "Let's Encrypt issues 50 new certificates for a registered domain in 7 days. Renewals do not count.",
		Fix: "use a wildcard, several names in a certificate, or ask Let's Encrypt for more ahead of time (isrg.formstack.com/forms/rate_limit_adjustment_request)",
	},
	{
		ID: "C120", What: "asks in a way that nobody understands", Severity: finding.Error,
		Why: "Whoever reads it refuses it or passes over it, and nothing is issued.",
		Fix: "write what the message says is missing",
	},
	{
		ID: "C121", What: "a field that nobody knows", Severity: finding.Error,
		Why: "kubectl refuses the object, and whoever applies without validation loses the field: the API server drops what is not in the CRD.",
		Fix: "correct it, or leave it out (kubectl explain tells the fields: kubectl explain certificate.spec)",
	},
	{
		ID: "C122", What: "a duration that the CA refuses", Severity: finding.Error,
		Why: "Let's Encrypt refuses every Order that asks for an end, so none is ever issued.",
		Fix: "leave out duration, or enableDurationFeature of the issuer",
	},
	{
		ID: "C123", What: "a value that cert-manager refuses", Severity: finding.Error,
		Why: "Its webhook or CRD refuses a Certificate with it; from an annotation no Certificate is made.",
		Fix: "write what the message says is possible, or leave it out",
	},
	{
		ID: "C124", What: "an API version that is gone", Severity: finding.Error,
		Why: "No cluster of today serves it: cert-manager ended its old versions with 1.6, Kubernetes the old Ingress with 1.22.",
		Fix: "write the new version; cmctl convert does it for cert-manager's",
	},
}
