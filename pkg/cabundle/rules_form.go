package cabundle

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

const azDecode = `AKS answers "failed to decode one of SecurityProfile.CustomCATrustCertificates to PEM after base64 decoding"`

var textRules = []Rule{
	{
		ID: "T101", What: "CRLF line ends", Generic: finding.Warning, AKS: finding.Error, Bundle: Repaired,
		Why: "Most clients take them. AKS does not, and az, which splits its file at blank lines, takes the whole file for one certificate.",
		Fix: "sed -i 's/\\r$//' FILE, before a Secret is made of it; " + makeBundle,
	},
	{
		ID: "T102", What: "two blocks on one line", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "No newline after -----END CERTIFICATE-----, as when files without a last newline are put together. Go and OpenSSL lose both certificates.",
		Fix: "put every BEGIN on a line of its own; " + makeBundle,
	},
	{
		ID: "T103", What: "no blank line between certificates", AKS: finding.Error, Bundle: Repaired,
		Why: "az splits its file at blank lines and sends both as one certificate.",
		Fix: "one blank line between certificates; " + makeBundleAKS,
	},
	{
		ID: "T104", What: "text around the certificates", Generic: finding.Note, AKS: finding.Error, Bundle: Repaired,
		Why: "Most clients pass over it. AKS does not: " + azDecode + ".",
		Fix: "leave it out; " + makeBundle,
	},
	{
		ID: "T105", What: "comments around the certificates", AKS: finding.Error, Bundle: Repaired,
		Why: "Elsewhere lines with # are fine. AKS takes certificates and nothing else: " + azDecode + ".",
		Fix: "leave them out; " + makeBundleAKS,
	},
	{
		ID: "T106", What: "PEM headers", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "Go passes over a block with headers (Proc-Type, X-…) inside, Java refuses the file.",
		Fix: "leave out the lines before the base64; " + makeBundle,
	},
	{
		ID: "T107", What: "base64 once too often", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "PEM in base64 is not PEM: clients find no certificate in it. --custom-ca-trust-certificates takes PEM and encodes it itself; so does kubectl create secret. " + azDecode + ".",
		Fix: "base64 -d FILE, or in a Secret encode once only; " + makeBundle,
	},
	{
		ID: "T108", What: "base64 of DER where PEM is expected", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "The lines -----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- are missing, and no client finds a certificate without them. " + azDecode + ".",
		Fix: "put the two lines around it; " + makeBundle,
	},
	{
		ID: "T109", What: "block cut short", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "BEGIN and END do not make a pair, so the certificate is lost, and with some clients the one after it.",
		Fix: "copy the whole block again, from BEGIN to END with five dashes on each side",
	},
	{
		ID: "T110", What: "damaged base64", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "The block is not base64, so the certificate is lost.",
		Fix: "copy the block again from where it came from",
	},
	{
		ID: "T111", What: "private key", Generic: finding.Error, AKS: finding.Error, Bundle: Dropped,
		Why: "A trust bundle is for everybody to read. The key was not read, kept or shown here.",
		Fix: "take it out; if the file was shared, the key is known and needs to be replaced",
	},
	{
		ID: "T112", What: "TRUSTED CERTIFICATE block", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "OpenSSL's own form. Go passes over it, and it may say that the certificate is not to be trusted.",
		Fix: "openssl x509 -in FILE -out FILE.pem, if it is to be trusted",
	},
	{
		ID: "T113", What: "certificate request", Generic: finding.Error, AKS: finding.Error, Bundle: Dropped,
		Why: "A request is what one sends to a CA. It is no certificate, and nobody can trust it.",
		Fix: "put the certificate that the CA answered with in its place",
	},
	{
		ID: "T114", What: "not a certificate", Generic: finding.Warning, AKS: finding.Error, Bundle: Dropped,
		Why: "Public keys, revocation lists and parameters have no place in a trust bundle; clients pass over them or refuse the file.",
		Fix: "leave it out; " + makeBundle,
	},
	{
		ID: "T115", What: "block not called CERTIFICATE", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "Go and Java take no other name, small letters among them. OpenSSL takes the one of old, X509 CERTIFICATE.",
		Fix: "write CERTIFICATE in BEGIN and END; " + makeBundle,
	},
	{
		ID: "T116", What: "not UTF-8, or with a byte order mark", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "Editors and PowerShell on Windows write them. After a mark Go loses the first certificate and Java all; nobody reads PEM in UTF-16.",
		Fix: "save as UTF-8 without mark; " + makeBundle,
	},
	{
		ID: "T117", What: "block does not start its line", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "Go, OpenSSL and Java pass over a BEGIN with anything before it, blanks too, as after copying from indented YAML.",
		Fix: "put BEGIN at the start of its line; " + makeBundle,
	},
	{
		ID: "T118", What: "line breaks lost", Generic: finding.Error, AKS: finding.Error, Bundle: Repaired,
		Why: "The block is on one line, or has \\n where line breaks were, as after a variable or JSON. No client reads that.",
		Fix: "put the line breaks back; " + makeBundle,
	},
	{
		ID: "T119", What: "blanks at line ends or stray blank lines", AKS: finding.Error, Bundle: Repaired,
		Why: "AKS takes no blanks or blank lines but the one between certificates. Others do not mind.",
		Fix: "take them out; " + makeBundleAKS,
	},
	{
		ID: "T120", What: "no newline at the end", Generic: finding.Note, Bundle: Repaired,
		Why: "Harmless until somebody puts another file behind it: then two blocks share a line.",
		Fix: "end the file with a newline; " + makeBundle,
	},
	{
		ID: "T121", What: "not PEM", AKS: finding.Error, Bundle: Repaired,
		Why: "DER, PKCS#7, PKCS#12, JKS and manifests are read here, but az sends the file as text. " + azDecode + ".",
		Fix: "kubectl certs trust bundle --target aks FILE",
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
