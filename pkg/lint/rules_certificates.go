package lint

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

// certificateRules are about requested certificates.
var certificateRules = []finding.Rule{
	{
		ID: "C101", What: "no solver can validate the name", Severity: finding.Error,
		Why: "cert-manager picks one solver for each name, and only DNS-01 can validate a wildcard (RFC 8555, 8.4). Without a solver the Order fails, perhaps months after the manifest was merged.",
		Fix: "add a dns01 solver to the issuer, with a selector that matches the name or its zone, or without a selector",
	},
	{
		ID: "C102", What: "the issuer has another kind, group or namespace", Severity: finding.Error,
		Why: "A reference without kind means an Issuer in the namespace of the object. If that Issuer does not exist, cert-manager waits, and reports only that it was not found.",
		Fix: "for a ClusterIssuer use cert-manager.io/cluster-issuer or kind: ClusterIssuer; for an Issuer use cert-manager.io/issuer or kind: Issuer, in the same namespace",
	},
	{
		ID: "C103", What: "the issuer is not in these manifests", Severity: finding.Note,
		Why: "Without the issuer, solvers and the limits of its CA cannot be checked.",
		Fix: "check the issuer together with the objects that refer to it",
	},
	{
		ID: "C104", What: "several certificates use one Secret", Severity: finding.Error,
		Why: "cert-manager issues into a Secret for one Certificate only. A second Certificate is never issued, and the names of a second annotated object are in no certificate.",
		Fix: "set another secretName on one of them",
	},
	{
		ID: "C105", What: "the certificate has no names", Severity: finding.Error,
		Why: "cert-manager's webhook rejects a Certificate without any name.",
		Fix: "add dnsNames",
	},
	{
		ID: "C106", What: "the common name has more than 64 characters", Severity: finding.Error,
		Why: "X.509 limits common names to 64 characters (RFC 5280, appendix A.1), and cert-manager's webhook rejects the Certificate.",
		Fix: "remove commonName; clients use dnsNames",
	},
	{
		ID: "C107", What: "the common name is not one of the names", Severity: finding.Error,
		Why: "An ACME CA validates every name including the common name, so cert-manager rejects a request without it in dnsNames.",
		Fix: "remove commonName, or add it to dnsNames",
	},
	{
		ID: "C108", What: "invalid host name", Severity: finding.Error,
		Why: "ACME CAs accept labels of letters, digits and hyphens with at most 63 characters. Let's Encrypt accepts at most 10 labels, and -- in third and fourth place only in xn-- labels.",
		Fix: "use a host name without underscores, ports and paths, and xn-- for international names",
	},
	{
		ID: "C109", What: "an ACME CA does not issue this", Severity: finding.Error,
		Why: "ACME CAs issue server certificates for DNS names and IP addresses. They reject or ignore everything else.",
		Fix: "remove the field, or use an issuer of type ca, vault or venafi",
	},
	{
		ID: "C110", What: "duration has no effect", Severity: finding.Note,
		Why: "An ACME CA sets the lifetime. cert-manager sends duration to the CA only if the issuer has enableDurationFeature.",
		Fix: "remove duration, and choose the lifetime with the issuer's profile",
	},
	{
		ID: "C111", What: "renewBefore does not fit the lifetime", Severity: finding.Warning,
		Why: "renewBefore counts back from the expiry that the CA sets. Lifetimes get shorter: 64 days from Let's Encrypt on 2027-02-10, and 45 days on 2028-02-16.",
		Fix: "remove renewBefore to renew when a third of the lifetime is left, or set renewBeforePercentage: 33",
	},
	{
		ID: "C112", What: "more names than the CA accepts", Severity: finding.Error,
		Why: "Let's Encrypt accepts 100 names with profile classic, and 25 with tlsserver and shortlived (letsencrypt.org/docs/profiles).",
		Fix: "split the names across several Secrets, or use a wildcard",
	},
	{
		ID: "C113", What: "the CA does not issue for this IP address", Severity: finding.Error,
		Why: "Let's Encrypt issues only for public IP addresses, and only with profile shortlived.",
		Fix: "use an issuer with profile: shortlived, or an issuer of type ca for private addresses",
	},
	{
		ID: "C114", What: "no public CA issues for the name", Severity: finding.Error,
		Why: "The name has no public suffix, like cluster-internal names. Let's Encrypt rejects it with rejectedIdentifier.",
		Fix: "use an issuer of type ca for internal names (private: in certs.yaml creates one), or a name below a domain of yours",
	},
	{
		ID: "C115", What: "a wildcard already covers the name", Severity: finding.Error,
		Why: "Let's Encrypt rejects an order with both names as redundant.",
		Fix: "remove the single name",
	},
	{
		ID: "C116", What: "the CA does not accept the key", Severity: finding.Error,
		Why: "Let's Encrypt accepts RSA keys of 2048, 3072 and 4096 bits, and ECDSA keys on P-256 and P-384.",
		Fix: "set privateKey: {algorithm: ECDSA, size: 256}",
	},
	{
		ID: "C117", What: "the CA does not issue client certificates", Severity: finding.Warning,
		Why: "Let's Encrypt has left client authentication out of all certificates since 2026-07-08, so servers that require client certificates reject it.",
		Fix: "remove client auth from usages, and issue client certificates from a CA of your own",
	},
	{
		ID: "C118", What: "too many certificates for the same names", Severity: finding.Warning,
		Why: "Let's Encrypt issues 5 certificates for exactly the same names in 7 days, counted over all accounts.",
		Fix: "issue one certificate and copy its Secret, for example with reflector, or use one Gateway or Ingress",
	},
	{
		ID: "C119", What: "too many certificates for a domain in a week", Severity: finding.Warning,
		Why: "Let's Encrypt issues 50 new certificates for a registered domain in 7 days. Renewals do not count.",
		Fix: "use a wildcard, put several names into a certificate, or request a higher limit in advance (isrg.formstack.com/forms/rate_limit_adjustment_request)",
	},
	{
		ID: "C120", What: "invalid certificate request", Severity: finding.Error,
		Why: "The API server or the controller rejects or ignores it, and no certificate is issued.",
		Fix: "correct the object as the message says",
	},
	{
		ID: "C121", What: "unknown field", Severity: finding.Error,
		Why: "kubectl rejects the object. If it is applied without validation, the API server drops the field.",
		Fix: "correct or remove the field (kubectl explain certificate.spec lists the fields)",
	},
	{
		ID: "C122", What: "the CA rejects duration", Severity: finding.Error,
		Why: "Let's Encrypt rejects every Order with a requested lifetime, so no certificate is issued.",
		Fix: "remove duration, or the issuer's enableDurationFeature",
	},
	{
		ID: "C123", What: "cert-manager rejects the value", Severity: finding.Error,
		Why: "The webhook or CRD rejects a Certificate with this value. For an annotation, cert-manager creates no Certificate.",
		Fix: "use a value that the message allows, or remove the field",
	},
	{
		ID: "C124", What: "the API version is no longer served", Severity: finding.Error,
		Why: "cert-manager 1.6 removed its old API versions, and Kubernetes 1.22 removed the old versions of Ingress.",
		Fix: "use the new version; cmctl convert converts cert-manager's objects",
	},
}
