package cabundle

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

var certificateRules = []Rule{
	{
		ID: "T001", What: "not a CA", Generic: finding.Error, AKS: finding.Error,
		Why: "A certificate without basicConstraints CA:TRUE vouches for none but itself, and ClusterTrustBundle, trust-manager and most clients refuse it as a CA.",
		Fix: "put the root of its chain here instead; a self-signed server certificate that is trusted on purpose can stay with --allow T001",
	},
	{
		ID: "T002", What: "a CA that may not sign certificates", Generic: finding.Error, AKS: finding.Error,
		Why: "Its keyUsage leaves out keyCertSign, so clients refuse every certificate it signed.",
		Fix: "ask whoever runs the CA for its signing certificate",
	},
	{
		ID: "T003", What: "an intermediate where a root is meant", Generic: finding.Warning, AKS: finding.Warning,
		Why: "OpenSSL and what is built on it (curl, Python, git) do not stop at an intermediate unless told to; it also expires sooner than its root, and cannot be revoked once it is trusted itself.",
		Fix: "trust the root that issued it, and let servers send the intermediate",
	},
	{
		ID: "T004", What: "expired", Generic: finding.Error, AKS: finding.Error,
		Why: "Clients refuse a chain that ends in an expired certificate.",
		Fix: "leave it out, or put its successor in its place",
	},
	{
		ID: "T005", What: "not valid yet", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Until then clients refuse what it signed. Right while a new root is spread ahead of its use.",
		Fix: "keep the old root beside it until then; else check the clock of whoever made it",
	},
	{
		ID: "T006", What: "expires within 90 days", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Spreading a new root takes longer than one would like: on AKS every node is replaced.",
		Fix: "add its successor now, beside it",
	},
	{
		ID: "T007", What: "weak key", Generic: finding.Error, AKS: finding.Error,
		Why: "RSA keys under 2048 bits are refused by the default security level of OpenSSL in Debian, Ubuntu and RHEL, and those under 1024 by Go.",
		Fix: "ask for a root with a key of today, RSA 2048 or more or ECDSA P-256",
	},
	{
		ID: "T008", What: "unusual key", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Not every client has the algorithm: Go and with it Kubernetes and containerd verify RSA, ECDSA on P-224 to P-521 and Ed25519; browsers and Java take fewer.",
		Fix: "try it with every client that is to trust it, or ask for RSA or ECDSA P-256 or P-384",
	},
	{
		ID: "T009", What: "weak signature", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Go and OpenSSL 3 refuse SHA-1 and MD5 signatures in a chain, so this certificate helps only where it is trusted itself.",
		Fix: "trust the root instead, or ask for the certificate signed anew with SHA-256",
	},
	{
		ID: "T010", What: "a root with an old signature", Generic: finding.Note, AKS: finding.Note,
		Why: "It does not matter: nobody checks the signature of a root on itself; it is trusted because it is here.",
		Fix: "nothing to do",
	},
	{
		ID: "T011", What: "name constraints", Generic: finding.Note, AKS: finding.Note,
		Why: "It vouches only for the names it lists, of each kind that it lists. Some old clients do not understand that and refuse all it signed.",
		Fix: "nothing to do if those are your names",
	},
	{
		ID: "T012", What: "not for servers", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Its extended key usage leaves out server authentication, so TLS clients refuse the server certificates it signed.",
		Fix: "ask for a root without extended key usage, unless it is for what it says",
	},
	{
		ID: "T013", What: "an X.509 version 1 certificate", Generic: finding.Warning, AKS: finding.Warning,
		Why: "It is too old to say that it is a CA. OpenSSL and Go take it as a root, ClusterTrustBundle and many others do not.",
		Fix: "ask for a version 3 root with basicConstraints CA:TRUE",
	},
	{
		ID: "T014", What: "duplicate", Generic: finding.Warning, AKS: finding.Warning, Bundle: Dropped,
		Why: "The same certificate, byte for byte. ClusterTrustBundle refuses a bundle with one, and on AKS it takes one of ten places.",
		Fix: "keep one of them; " + makeBundle,
	},
	{
		ID: "T015", What: "same subject, another key", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Right while a root is being replaced. Otherwise one of them is left over, or not what it says.",
		Fix: "compare the fingerprints with what the CA publishes",
	},
	{
		ID: "T016", What: "malformed certificate", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "Go cannot parse it, so Kubernetes, containerd and most operators cannot trust it, and may refuse the whole bundle.",
		Fix: "get it again from whoever runs the CA",
	},
	{
		ID: "T017", What: "no subject", Generic: finding.Error, AKS: finding.Error,
		Why: "Chains are built by name, so a CA without one vouches for nobody, and Java cannot read a file with such a certificate at all (RFC 5280, 4.1.2.4).",
		Fix: "ask whoever runs the CA for a certificate with a subject",
	},
	{
		ID: "T018", What: "a critical extension that Go does not know", Generic: finding.Error, AKS: finding.Error,
		Why: "What is critical must be understood. Go does not, and refuses every chain that ends in the certificate, so Kubernetes, containerd and most operators trust nothing that it signed. OpenSSL and Java may.",
		Fix: "ask whoever runs the CA for a root without the extension, or with one that is not critical",
	},
	{
		ID: "T019", What: "a key on a curve that Go does not have", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "Go parses no certificate with one, so Kubernetes, containerd and most operators cannot trust it, and may refuse the whole bundle.",
		Fix: "ask whoever runs the CA for a root with RSA or ECDSA P-256 or P-384; programs on OpenSSL or Java may trust it from a file of its own",
	},
}

var limitRules = []Rule{
	{
		ID: "T201", What: "more than 10 certificates", AKS: finding.Error,
		Why: "az and AKS take at most 10, for the whole cluster.",
		Fix: "leave out what nodes do not need (they pull images; pods have their own trust), or sign under one root",
	},
	{
		ID: "T202", What: "object over 1 MiB", Generic: finding.Error, AKS: finding.Error,
		Why: "The API server refuses a Secret or ConfigMap with more than 1,048,576 bytes of data.",
		Fix: "spread the certificates over several objects, or leave some out",
	},
	{
		ID: "T203", What: "too large for kubectl apply", Generic: finding.Warning,
		Why: "kubectl apply keeps a copy of the object in an annotation, and annotations end at 262,144 bytes.",
		Fix: "kubectl apply --server-side, or in Argo CD the sync option ServerSideApply=true",
	},
	{
		ID: "T204", What: "Windows node pools", AKS: finding.Note,
		Why: "AKS does not add custom CAs to Windows nodes.",
		Fix: "put the roots into the image of Windows containers, and use registries with public certificates there",
	},
	{
		ID: "T205", What: "pods do not inherit it", AKS: finding.Note,
		Why: "Nodes trust the CAs, to pull images and the like. Containers have trust stores of their own.",
		Fix: "mount a ConfigMap with the bundle into pods too, for instance by trust-manager",
	},
	{
		ID: "T206", What: "bundle over 1 MiB", Generic: finding.Warning,
		Why: "No single Secret or ConfigMap holds it.",
		Fix: "leave out what is not needed, or bake it into images",
	},
}
