package cabundle

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

const azDecode = `AKS answers "failed to decode one of SecurityProfile.CustomCATrustCertificates to PEM after base64 decoding"`

var textRules = []Rule{
	{
		ID: "T101", What: "CRLF line endings", Generic: finding.Warning, AKS: finding.Error, Action: Repaired,
		Why: "Most clients accept them. AKS does not, and az, which splits the file at blank lines, sends the whole file as one certificate.",
		Fix: "run sed -i 's/\\r$//' FILE before you create a Secret from it; " + makeBundle,
	},
	{
		ID: "T102", What: "two blocks on one line", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "There is no newline after -----END CERTIFICATE-----, usually because files without a final newline were concatenated. Go and OpenSSL lose both certificates.",
		Fix: "put every BEGIN on a new line; " + makeBundle,
	},
	{
		ID: "T103", What: "no blank line between certificates", AKS: finding.Error, Action: Repaired,
		Why: "az splits the file at blank lines and sends both as one certificate.",
		Fix: "put one blank line between certificates; " + makeBundleAKS,
	},
	{
		ID: "T104", What: "text around the certificates", Generic: finding.Note, AKS: finding.Error, Action: Repaired,
		Why: "Most clients skip it. AKS does not: " + azDecode + ".",
		Fix: "remove the text; " + makeBundle,
	},
	{
		ID: "T105", What: "comments around the certificates", AKS: finding.Error, Action: Repaired,
		Why: "Other clients skip lines with #. AKS accepts only certificates: " + azDecode + ".",
		Fix: "remove the comments; " + makeBundleAKS,
	},
	{
		ID: "T106", What: "PEM headers", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "Go skips a block with headers (Proc-Type, X-…), and Java rejects the file.",
		Fix: "remove the lines before the base64; " + makeBundle,
	},
	{
		ID: "T107", What: "base64-encoded twice", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "Base64 of PEM is not PEM, and clients find no certificate. --custom-ca-trust-certificates takes PEM and encodes it itself, as kubectl create secret does. " + azDecode + ".",
		Fix: "run base64 -d FILE, or in a Secret encode once; " + makeBundle,
	},
	{
		ID: "T108", What: "base64 of DER instead of PEM", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "The lines -----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- are missing, and clients find no certificate without them. " + azDecode + ".",
		Fix: "add the two lines around it; " + makeBundle,
	},
	{
		ID: "T109", What: "incomplete block", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "BEGIN and END do not match, so the certificate is lost, and with some clients the next one too.",
		Fix: "copy the whole block again, from BEGIN to END with five dashes on each side",
	},
	{
		ID: "T110", What: "damaged base64", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "The block is not valid base64, so the certificate is lost.",
		Fix: "copy the block again from its source",
	},
	{
		ID: "T111", What: "private key", Generic: finding.Error, AKS: finding.Error, Action: Dropped,
		Why: "Everyone may read a trust bundle. The key was not read, kept or shown.",
		Fix: "remove the key; if the file was shared, replace the key",
	},
	{
		ID: "T112", What: "TRUSTED CERTIFICATE block", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "This is OpenSSL's own form. Go skips it, and it may mark the certificate as not trusted.",
		Fix: "run openssl x509 -in FILE -out FILE.pem if the certificate should be trusted",
	},
	{
		ID: "T113", What: "certificate request", Generic: finding.Error, AKS: finding.Error, Action: Dropped,
		Why: "A request is input for a CA. It is not a certificate and cannot be trusted.",
		Fix: "replace it with the certificate that the CA issued for it",
	},
	{
		ID: "T114", What: "not a certificate", Generic: finding.Warning, AKS: finding.Error, Action: Dropped,
		Why: "Public keys, revocation lists and parameters do not belong in a trust bundle. Clients skip them or reject the file.",
		Fix: "remove it; " + makeBundle,
	},
	{
		ID: "T115", What: "block is not labeled CERTIFICATE", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "Go and Java accept only this label, in capitals. OpenSSL also accepts the old X509 CERTIFICATE.",
		Fix: "write CERTIFICATE in BEGIN and END; " + makeBundle,
	},
	{
		ID: "T116", What: "not UTF-8, or with a byte order mark", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "Windows editors and PowerShell write them. With a byte order mark Go loses the first certificate and Java all. No client reads PEM in UTF-16.",
		Fix: "save the file as UTF-8 without a byte order mark; " + makeBundle,
	},
	{
		ID: "T117", What: "block does not start its line", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "Go, OpenSSL and Java skip a BEGIN with anything before it, even spaces, for example from indented YAML.",
		Fix: "put BEGIN at the start of its line; " + makeBundle,
	},
	{
		ID: "T118", What: "line breaks lost", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "The block is on one line, or has \\n instead of line breaks, for example from a variable or JSON. Clients cannot read it.",
		Fix: "restore the line breaks; " + makeBundle,
	},
	{
		ID: "T119", What: "trailing spaces or extra blank lines", AKS: finding.Error, Action: Repaired,
		Why: "AKS accepts no spaces, and no blank lines except one between certificates. Other clients accept them.",
		Fix: "remove the trailing spaces and the extra blank lines; " + makeBundleAKS,
	},
	{
		ID: "T120", What: "no newline at the end", Generic: finding.Note, Action: Repaired,
		Why: "This is harmless until another file is appended: then two blocks share a line.",
		Fix: "end the file with a newline; " + makeBundle,
	},
	{
		ID: "T121", What: "not PEM", AKS: finding.Error, Action: Repaired,
		Why: "This tool reads DER, PKCS#7, PKCS#12, JKS and manifests, but az sends the file as text. " + azDecode + ".",
		Fix: "run kubectl certs trust bundle --target aks FILE",
	},
}

var manifestRules = []Rule{
	{
		ID: "T301", What: "the Secret of a retired preview", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Only node pools that still have enableCustomCATrust read kube-system/custom-ca-trust-secret, and AKS retired that property on " + RetiredOn + " (github.com/Azure/AKS/issues/5826).",
		Fix: "run kubectl certs trust bundle --target aks FILE > roots.pem, then kubectl certs trust aks update --ca-file roots.pem",
	},
	{
		ID: "T302", What: "Secret data that is not base64", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "data of a Secret must be base64. The API server rejects anything else, or stores garbage if it happens to decode.",
		Fix: "encode it: kubectl create secret generic --from-file=ca1.crt=FILE",
	},
	{
		ID: "T303", What: "a value without a certificate", Generic: finding.Error, AKS: finding.Error, Lost: true,
		Why: "The key is that of a certificate, but the decoded value has none.",
		Fix: "encode the PEM once: kubectl create secret generic --from-file=ca1.crt=FILE",
	},
	{
		ID: "T304", What: "key that nodes skip", Generic: finding.Warning, AKS: finding.Warning,
		Why: "AKS copied values to files named after their keys, and update-ca-certificates reads only those that end in .crt.",
		Fix: "name the keys ca1.crt, ca2.crt and so on",
	},
	{
		ID: "T305", What: "several certificates in one value", Generic: finding.Warning, AKS: finding.Warning,
		Why: "Each value becomes a file, and openssl rehash skips a file with more than one certificate, so OpenSSL does not find them in the folder.",
		Fix: "use one key for each certificate: ca1.crt, ca2.crt and so on",
	},
	{
		ID: "T306", What: "Secret in the wrong namespace", Generic: finding.Warning, AKS: finding.Warning,
		Why: "AKS read custom-ca-trust-secret only in kube-system.",
		Fix: "see T301",
	},
	{
		ID: "T307", What: "PEM instead of base64", Generic: finding.Error, AKS: finding.Error, Action: Repaired,
		Why: "data of a Secret and binaryData of a ConfigMap must be base64, and the API server rejects anything else.",
		Fix: "put the PEM under stringData of a Secret or data of a ConfigMap, or use kubectl create secret generic --from-file, which encodes it; " + makeBundle,
	},
}
