package cabundle

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

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

var manifestRules = []Rule{
	{
		ID: "T301", What: "the Secret of a retired preview", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Nothing reads kube-system/custom-ca-trust-secret since enableCustomCATrust retired on " + RetiredOn + " (github.com/Azure/AKS/issues/5826).",
		Fix: "kubectl certs trust bundle --target aks FILE > roots.pem, then kubectl certs trust aks update --ca-file roots.pem",
	},
	{
		ID: "T302", What: "Secret data that is not base64", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "data of a Secret holds base64. The API server refuses anything else, or stores rubbish if it happens to decode.",
		Fix: "encode it: kubectl create secret generic --from-file=ca1.crt=FILE",
	},
	{
		ID: "T303", What: "a value without certificate", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "The key says certificate, but there is none in what it decodes to.",
		Fix: "encode PEM, once: kubectl create secret generic --from-file=ca1.crt=FILE",
	},
	{
		ID: "T304", What: "key that nodes pass over", Generic: finding.Warning, AKS: finding.Warning,
		Why: "AKS copied values to files named after their keys, and update-ca-certificates reads only those ending in .crt.",
		Fix: "name keys ca1.crt, ca2.crt and so on",
	},
	{
		ID: "T305", What: "several certificates in one value", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Each value becomes a file, and openssl rehash skips a file with more than one certificate: OpenSSL does not find them by folder.",
		Fix: "one key for each certificate: ca1.crt, ca2.crt and so on",
	},
	{
		ID: "T306", What: "Secret in the wrong namespace", Generic: finding.Warning, AKS: finding.Warning,
		Why: "AKS read custom-ca-trust-secret in kube-system only.",
		Fix: "it is retired; see T301",
	},
	{
		ID: "T307", What: "PEM where base64 of it is expected", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "data of a Secret and binaryData of a ConfigMap hold base64, and the API server refuses anything else.",
		Fix: "put PEM under stringData of a Secret or data of a ConfigMap, or use kubectl create secret generic --from-file, which encodes; " + makeBundle,
	},
}
