package cabundle

import (
	"crypto/sha1"
	"encoding/binary"
	"strings"
)

// claims4GiB is a JKS with a right digest and a certificate of a wrong length.
func claims4GiB() string {
	body := []byte{0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0}
	body = binary.BigEndian.AppendUint64(body, 0)
	body = binary.BigEndian.AppendUint32(body, 0xffffffff)
	sum := sha1.Sum(append([]byte("Mighty Aphrodite"), body...))
	return string(body) + string(sum[:])
}

const aksHead = `apiVersion: v1
kind: Secret
metadata:
  name: custom-ca-trust-secret
  namespace: kube-system
type: Opaque
`

// value formats a key with a block scalar.
func value(key, text string) string {
	return "  " + key + ": |\n" + prefixed("    ", text)
}

func configMap(values ...string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: web}\n" + strings.Join(values, "")
}

func secret(kind string, values ...string) string {
	return "apiVersion: v1\nkind: Secret\nmetadata: {name: ca, namespace: web}\ntype: " + kind + "\n" + strings.Join(values, "")
}

func manifestSamples() []sample {
	known := []string{"", "changeit"}
	jks := b64(trustStoreJKS("changeit", false, rootA))
	return []sample{
		{name: "configmap.yaml", data: configMap("data:\n", value("ca.crt", "# both\n"+a+b), "  motd: hello\n")},
		{name: "configmap-damaged.yaml", data: configMap("data:\n", value("ca.crt", a+"-----BEGIN CERTIFICATE-----\n"), value("b.pem", "hello\n"))},
		{name: "configmap-folded.yaml", data: configMap("data:\n  ca.crt: >\n", prefixed("    ", a))},
		{name: "configmap-quoted.yaml", data: configMap("data:\n  ca.crt: \"", strings.ReplaceAll(a+b, "\n", `\n`), "\"\n")},
		{name: "configmap-binary.yaml", data: configMap("binaryData:\n  ca.jks: ", jks, "\n  b.jks: '*'\n"), passwords: known},
		{name: "configmap-binary-not-encoded.yaml", data: configMap("binaryData:\n", value("ca.crt", a))},
		{name: "secret-not-encoded.yaml", data: secret("Opaque", "data:\n", value("ca.crt", a+b), value("b.p12", "hello"))},
		{name: "configmap-no-password.yaml", data: configMap("binaryData:\n  ca.jks: ", jks, "\n")},
		{name: "configmap-crlf.yaml", data: crlf(configMap("data:\n", value("ca.crt", a)))},
		{name: "secret.yaml", data: secret("Opaque", "data:\n  ca.crt: ", b64(a+b), "\n  password: ", b64("hunter2"), "\n")},
		{name: "secret-templated.yaml", data: secret("Opaque", "data:\n  ca.crt: ", b64(a), "\n  password: ${PASSWORD}\n  more.pem: ${MORE}\n")},
		{name: "secret-string-data.yaml", data: secret("Opaque", "stringData:\n", value("ca.crt", a), "  password: hunter2\n")},
		{name: "secret-crlf-inside.yaml", data: secret("Opaque", "data:\n  ca.crt: ", b64(crlf(a+b)), "\n")},
		{name: "secret-cut-inside.yaml", data: secret("Opaque", "data:\n  ca.crt: ", b64(a+b[:80]), "\n")},
		{name: "secret-tls.yaml", data: secret("kubernetes.io/tls", "data:\n  ca.crt: ", b64(a), "\n  tls.crt: ", b64(b), "\n  tls.key: ", b64(keyBlock("PRIVATE KEY")), "\n")},
		{name: "secret-tls-no-ca.yaml", data: secret("kubernetes.io/tls", "data:\n  tls.crt: ", b64(a), "\n  tls.key: ", b64(keyBlock("PRIVATE KEY")), "\n")},
		{name: "secret-no-certificate.yaml", data: secret("Opaque", "data:\n  password: ", b64("hunter2"), "\n")},
		{name: "aks-secret.yaml", data: aksHead + "data:\n  ca1.crt: " + b64(a) + "\n  ca2.crt: |\n" + prefixed("    ", wrapped(b64(b)))},
		{name: "aks-secret-twice.yaml", data: aksHead + "data:\n  ca1.crt: " + b64(b64(a)) + "\n  ca2.crt: " + b64(wrapped(b64(b))) + "\n"},
		{name: "aks-secret-der.yaml", data: aksHead + "data:\n  ca1.crt: " + b64(string(rootA.Raw)) + "\n"},
		{name: "aks-secret-der-twice.yaml", data: aksHead + "data:\n  ca1.crt: " + b64(b64(string(rootA.Raw))) + "\n"},
		{name: "aks-secret-no-pem.yaml", data: aksHead + "data:\n  ca1.crt: " + b64("hello") + "\n  ca2.crt: aGVsbG8\n  ca3.crt: ''\n"},
		{name: "aks-secret-not-encoded.yaml", data: aksHead + "data:\n" + value("ca1.crt", a)},
		{name: "aks-secret-string-data.yaml", data: aksHead + "stringData:\n" + value("ca1.crt", a)},
		{name: "aks-secret-placeholder.yaml", data: aksHead + "data:\n" + value("ca1.crt", "{base64EncodedCertStringHere}\n")},
		{name: "aks-secret-key-names.yaml", data: aksHead + "data:\n  ca-1.pem: " + b64(a) + "\n  root: " + b64(b) + "\n"},
		{name: "aks-secret-two-in-one.yaml", data: aksHead + "data:\n  ca1.crt: " + b64(a+b) + "\n"},
		{name: "aks-secret-crlf.yaml", data: aksHead + "data:\n  ca1.crt: " + b64(crlf(a)) + "\n"},
		{name: "aks-secret-namespace.yaml", data: strings.Replace(aksHead, "kube-system", "default", 1) + "data:\n  ca1.crt: " + b64(a) + "\n"},
		{name: "aks-secret-key.yaml", data: aksHead + "data:\n  ca1.crt: " + b64(keyBlock("PRIVATE KEY")) + "\n"},
		{name: "list.yaml", data: "apiVersion: v1\nkind: List\nitems:\n- " + strings.TrimSpace(strings.ReplaceAll(configMap("data:\n", value("ca.crt", a)), "\n", "\n  ")) + "\n"},
		{name: "documents.yaml", data: configMap("data:\n", value("ca.crt", a)) + "---\n# none\n---\n" + aksHead + "data:\n  ca1.crt: " + b64(a) + "\n"},
		{name: "secret.json", data: `{"apiVersion":"v1","kind":"Secret","data":{"ca.crt":"` + b64(a) + `"}}`},
		{name: "clustertrustbundle.yaml", data: "apiVersion: certificates.k8s.io/v1beta1\nkind: ClusterTrustBundle\nmetadata: {name: corp}\nspec:\n" + value("trustBundle", a+a)},
		{name: "clustertrustbundle-live.yaml", data: "apiVersion: certificates.k8s.io/v1beta1\nkind: ClusterTrustBundle\nmetadata:\n  name: corp\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"spec\":{\"trustBundle\":\"" + strings.ReplaceAll(a, "\n", `\n`) + "\"}}\nspec:\n" + value("trustBundle", a)},
		{name: "bundle.yaml", data: "apiVersion: trust.cert-manager.io/v1alpha1\nkind: Bundle\nmetadata: {name: corp}\nspec:\n  sources:\n  - useDefaultCAs: true\n  - inLine: |\n" + prefixed("      ", a)},
		{name: "webhook.yaml", data: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: w}\nwebhooks:\n- name: w\n  clientConfig: {caBundle: " + b64(a) + "}\n"},
		{name: "deployment.yaml", data: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"},
		{name: "broken.yaml", data: "apiVersion: v1\nkind: [\n"},
		{name: "alias.yaml", data: "apiVersion: v1\nkind: ConfigMap\ndata:\n  ca.crt: &ca |\n" + prefixed("    ", a) + "  again.crt: *ca\n"},
	}
}
