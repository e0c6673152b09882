package cabundle

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

var certificateRules = []Rule{
	{
		ID: "T001", What: "not a CA", Generic: finding.Error, AKS: finding.Error,
		Why: "Without basicConstraints CA:TRUE the certificate can verify only itself. ClusterTrustBundle, trust-manager and most clients reject it as a CA.",
		Fix: "use the root of its chain instead; to trust a self-signed server certificate on purpose, use --allow T001",
	},
	{
		ID: "T002", What: "the CA must not sign certificates", Generic: finding.Error, AKS: finding.Error,
		Why: "Its keyUsage has no keyCertSign, so clients reject every certificate that it signed.",
		Fix: "get the CA's signing certificate from its operator",
	},
	{
		ID: "T003", What: "an intermediate instead of a root", Generic: finding.Warning, AKS: finding.Warning,
		Why: "OpenSSL and programs that use it (curl, Python, git) do not accept an intermediate as a trust anchor by default. It also expires before its root, and cannot be revoked once it is trusted.",
		Fix: "trust the root that issued it, and let servers send the intermediate",
	},
	{
		ID: "T004", What: "expired", Generic: finding.Error, AKS: finding.Error,
		Why: "Clients reject a chain that ends in an expired certificate.",
		Fix: "remove it, or replace it with its successor",
	},
	{
		ID: "T005", What: "not valid yet", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Until then clients reject certificates that it signed. This is expected while a new root is rolled out in advance.",
		Fix: "keep the old root beside it until then; if the date is wrong, check the clock of the machine that created it",
	},
	{
		ID: "T006", What: "expires within 90 days", Generic: finding.Warning, AKS: finding.Warning,
		Why: "To distribute a new root takes time: on AKS every node is replaced.",
		Fix: "add its successor now, beside it",
	},
	{
		ID: "T007", What: "weak key", Generic: finding.Error, AKS: finding.Error,
		Why: "OpenSSL in Debian, Ubuntu and RHEL rejects RSA keys under 2048 bits by default, and Go those under 1024.",
		Fix: "get a root with a stronger key from the CA: RSA 2048 or more, or ECDSA P-256",
	},
	{
		ID: "T008", What: "unusual key", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Not every client supports the algorithm. Go, and with it Kubernetes and containerd, verifies RSA, ECDSA on P-224 to P-521 and Ed25519; browsers and Java support fewer.",
		Fix: "test it with every client, or get a root with RSA or ECDSA P-256 or P-384",
	},
	{
		ID: "T009", What: "weak signature", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Go and OpenSSL 3 reject SHA-1 and MD5 signatures in a chain, so the certificate works only as a trust anchor.",
		Fix: "trust the root instead, or get the certificate with a SHA-256 signature",
	},
	{
		ID: "T010", What: "a root with an old signature", Generic: finding.Note, AKS: finding.Note,
		Why: "This does not matter. Clients do not verify a root's self-signature, but trust it because it is in the bundle.",
		Fix: "nothing to do",
	},
	{
		ID: "T011", What: "name constraints", Generic: finding.Note, AKS: finding.Note,
		Why: "For each kind of name that it lists, the CA can issue only for those names. Some old clients do not support name constraints and reject all its certificates.",
		Fix: "nothing to do if those are your names",
	},
	{
		ID: "T012", What: "not for servers", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Its extended key usage has no server authentication, so TLS clients reject server certificates that it signed.",
		Fix: "get a root without extended key usage, unless you trust it for the listed uses only",
	},
	{
		ID: "T013", What: "an X.509 version 1 certificate", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Version 1 has no field that marks a CA. OpenSSL and Go accept it as a root, but ClusterTrustBundle and many others do not.",
		Fix: "get a version 3 root with basicConstraints CA:TRUE",
	},
	{
		ID: "T014", What: "duplicate", Generic: finding.Warning, AKS: finding.Warning, Action: Dropped,
		Why: "The certificate is in the bundle twice. ClusterTrustBundle rejects such a bundle, and on AKS the duplicate counts towards the limit of ten.",
		Fix: "keep one of them; " + makeBundle,
	},
	{
		ID: "T015", What: "same subject, another key", Generic: finding.Warning, AKS: finding.Warning,
		Why: "This is right during the rotation of a root. Otherwise one of them is outdated, or not what it claims to be.",
		Fix: "compare the fingerprints with those that the CA publishes",
	},
	{
		ID: "T016", What: "malformed certificate", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "Go cannot parse it. Kubernetes, containerd and most operators cannot trust it, and may reject the whole bundle.",
		Fix: "get it again from the operator of the CA",
	},
	{
		ID: "T017", What: "no subject", Generic: finding.Error, AKS: finding.Error,
		Why: "Chains are built by name, so a CA without a subject can verify nothing. Java cannot read a file with such a certificate (RFC 5280, 4.1.2.4).",
		Fix: "get a certificate with a subject from the operator of the CA",
	},
	{
		ID: "T018", What: "a critical extension that Go does not support", Generic: finding.Error, AKS: finding.Error,
		Why: "Clients must reject certificates with unknown critical extensions. Go does so for every chain with this certificate, so Kubernetes, containerd and most operators cannot trust it. OpenSSL and Java may.",
		Fix: "get a root without the extension, or with one that is not critical",
	},
	{
		ID: "T019", What: "a key on a curve that Go does not support", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "Go cannot parse the certificate. Kubernetes, containerd and most operators cannot trust it, and may reject the whole bundle.",
		Fix: "get a root with RSA or ECDSA P-256 or P-384; programs that use OpenSSL or Java may trust this one from a separate file",
	},
}

var limitRules = []Rule{
	{
		ID: "T201", What: "more than 10 certificates", AKS: finding.Error,
		Why: "az and AKS accept at most 10 for the whole cluster.",
		Fix: "remove CAs that nodes do not need (nodes pull images; pods have their own trust), or issue from one root",
	},
	{
		ID: "T202", What: "object over 1 MiB", Generic: finding.Error, AKS: finding.Error,
		Why: "The API server rejects a Secret or ConfigMap with more than 1,048,576 bytes of data.",
		Fix: "split the certificates across several objects, or remove some",
	},
	{
		ID: "T203", What: "too large for kubectl apply", Generic: finding.Warning,
		Why: "kubectl apply stores a copy of the object in an annotation, and annotations are limited to 262,144 bytes.",
		Fix: "use kubectl apply --server-side, or in Argo CD the sync option ServerSideApply=true",
	},
	{
		ID: "T204", What: "Windows node pools", AKS: finding.Note,
		Why: "AKS does not add custom CAs to Windows nodes.",
		Fix: "add the roots to the images of Windows containers, and use registries with public certificates there",
	},
	{
		ID: "T205", What: "pods do not inherit it", AKS: finding.Note,
		Why: "Nodes trust the CAs, for example to pull images. Containers have their own trust stores.",
		Fix: "also mount a ConfigMap with the bundle into pods, for example with trust-manager",
	},
	{
		ID: "T206", What: "bundle over 1 MiB", Generic: finding.Warning,
		Why: "A Secret or ConfigMap cannot hold it.",
		Fix: "remove CAs that are not needed, or add the bundle to images",
	},
}
