package config

import (
	"flag"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/doctest"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

var update = flag.Bool("update", false, "rewrite the reference in docs")

// TestReference holds docs/certs-yaml.md to the types that the parser fills.
func TestReference(t *testing.T) {
	doctest.Check(t, "certs-yaml.md", referenceTables(), *update)
}

func referenceTables() string {
	var b strings.Builder
	for _, s := range []struct {
		title string
		typ   reflect.Type
	}{
		{"The file", reflect.TypeFor[v1alpha1.Certs]()},
		{"ingressClasses", reflect.TypeFor[v1alpha1.IngressClass]()},
		{"responder", reflect.TypeFor[v1alpha1.Responder]()},
		{"issuers", reflect.TypeFor[v1alpha1.Issuer]()},
		{"issuers[].private", reflect.TypeFor[v1alpha1.Private]()},
		{"issuers[].acme", reflect.TypeFor[v1alpha1.ACME]()},
		{"issuers[].acme.dnsPersist", reflect.TypeFor[v1alpha1.DNSPersist]()},
		{"issuers[].acme.solvers", reflect.TypeFor[v1alpha1.Solver]()},
		{"issuers[].acme.solvers[].http01", reflect.TypeFor[v1alpha1.HTTP01]()},
		{"expose", reflect.TypeFor[v1alpha1.Expose]()},
		{"expose[].routes", reflect.TypeFor[v1alpha1.Route]()},
		{"expose[].gateway", reflect.TypeFor[v1alpha1.Gateway]()},
		{"certificates", reflect.TypeFor[v1alpha1.Certificate]()},
		{"trust", reflect.TypeFor[v1alpha1.Trust]()},
		{"trust[].to", reflect.TypeFor[v1alpha1.Targets]()},
		{"trust[].to.trust-manager", reflect.TypeFor[v1alpha1.TrustManager]()},
		{"trust[].to.trust-manager.namespaces", reflect.TypeFor[v1alpha1.NamespaceSelector]()},
		{"trust[].to.cluster-trust-bundle", reflect.TypeFor[v1alpha1.ClusterTrustBundle]()},
		{"trust[].to.configmap", reflect.TypeFor[v1alpha1.ConfigMap]()},
		{"trust[].to.openshift", reflect.TypeFor[v1alpha1.OpenShift]()},
		{"trust[].to.gke", reflect.TypeFor[v1alpha1.GKE]()},
		{"trust[].to.k3s, rke2 and containerd", reflect.TypeFor[v1alpha1.Registries]()},
		{"trust[].to.pods", reflect.TypeFor[v1alpha1.Pods]()},
		{"environments", reflect.TypeFor[v1alpha1.Override]()},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n%s| field | type | |\n|---|---|---|\n", s.title, certManagerTypes[s.typ.Name()])
		fields := schema.Format.FieldsOf(s.typ)
		for _, name := range fields.Names {
			f := fields.ByName[name]
			doc := f.Doc
			if doc == "" {
				doc = certManagerFields[s.typ.Name()+"."+name]
			}
			if f.Required {
				doc = "**Required.** " + doc
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, linkedType(f.Type), strings.NewReplacer("|", `\|`, "<", `\<`).Replace(doc))
		}
	}
	return b.String()
}

// certManagerTypes links the types whose fields certs.yaml has as its own.
var certManagerTypes = map[string]string{
	"ACME":        "All fields of cert-manager's [ACMEIssuer](" + certManagerReference + "#acme.cert-manager.io/v1.ACMEIssuer).\n\n",
	"Certificate": "All fields of cert-manager's [CertificateSpec](" + certManagerReference + "#cert-manager.io/v1.CertificateSpec).\n\n",
	"Solver":      "As cert-manager's [ACMEChallengeSolver](" + certManagerReference + "#acme.cert-manager.io/v1.ACMEChallengeSolver), with short forms of http01.\n[dns01.md](dns01.md) has an example for each DNS provider.\n\n",
}

// certManagerFields says what the fields are for that certs.yaml has from
// cert-manager's types.
var certManagerFields = map[string]string{
	"ACME.caBundle":                    "CA certificates that verify the ACME server's TLS certificate; for a private ACME server.",
	"ACME.disableAccountKeyGeneration": "true uses the key in privateKeySecretRef and never creates one; for an account that exists.",
	"ACME.email":                       "Contact address of the ACME account. Let's Encrypt sends no mail about expiry any more.",
	"ACME.enableDurationFeature":       "true sends the certificate's duration to the CA. Let's Encrypt refuses such orders.",
	"ACME.externalAccountBinding":      "Key ID and HMAC key that bind the ACME account to an account of the CA; for CAs that require it.",
	"ACME.preferredChain":              "Common name of the topmost issuer of the chain to use, if the CA offers several.",
	"ACME.profile":                     "Certificate profile of the CA, such as tlsserver or shortlived of Let's Encrypt.",
	"ACME.skipTLSVerify":               "true accepts any TLS certificate of the ACME server. Use caBundle instead.",

	"Certificate.additionalOutputFormats": "Further formats in the Secret: DER (key.der) and CombinedPEM (tls-combined.pem).",
	"Certificate.commonName":              "Common name, at most 64 characters; usually not needed.",
	"Certificate.dnsNames":                "Host names of the certificate.",
	"Certificate.duration":                "Requested lifetime, such as 2160h; ACME CAs decide for themselves.",
	"Certificate.emailAddresses":          "Email addresses of the certificate; not with ACME.",
	"Certificate.encodeUsagesInRequest":   "false leaves usages out of the certificate request.",
	"Certificate.ipAddresses":             "IP addresses of the certificate.",
	"Certificate.isCA":                    "true makes a CA certificate; not with ACME.",
	"Certificate.keystores":               "JKS and PKCS#12 key stores in the Secret, beside the PEM.",
	"Certificate.literalSubject":          "Whole subject as an LDAP string, in place of subject and commonName.",
	"Certificate.nameConstraints":         "Names that a CA certificate may and may not issue for.",
	"Certificate.otherNames":              "Further subject alternative names with an OID, such as a user principal name.",
	"Certificate.privateKey":              "Key algorithm, size, encoding and rotation.",
	"Certificate.renewBefore":             "Renew this long before expiry, for example 360h.",
	"Certificate.renewBeforePercentage":   "Renew when this percentage of the lifetime is left. Use either this or renewBefore.",
	"Certificate.renewal":                 "Renewal policy and windows (cert-manager 1.21).",
	"Certificate.revisionHistoryLimit":    "Number of CertificateRequests that are kept; default 1.",
	"Certificate.secretTemplate":          "Labels and annotations of the Secret.",
	"Certificate.signatureAlgorithm":      "Signature algorithm of the certificate request.",
	"Certificate.subject":                 "Subject besides the common name; public ACME CAs ignore it.",
	"Certificate.uris":                    "URIs of the certificate; not with ACME.",
	"Certificate.usages":                  "Key usages; default digital signature and key encipherment.",
}

// TestCertManagerFields: every field has one line on its purpose, and no line is
// for a field that is gone.
func TestCertManagerFields(t *testing.T) {
	used := map[string]bool{}
	for _, typ := range []reflect.Type{reflect.TypeFor[v1alpha1.ACME](), reflect.TypeFor[v1alpha1.Certificate]()} {
		fields := schema.Format.FieldsOf(typ)
		for _, name := range fields.Names {
			key := typ.Name() + "." + name
			used[key] = true
			if fields.ByName[name].Doc == "" && certManagerFields[key] == "" {
				t.Errorf("%s has no description", key)
			}
		}
	}
	for key := range certManagerFields {
		if !used[key] {
			t.Errorf("%s is not a field", key)
		}
	}
	for _, line := range strings.Split(referenceTables(), "\n") {
		if strings.HasSuffix(line, "|  |") {
			t.Errorf("no description: %s", line)
		}
	}
}

// linkedType is a type with a link to its reference if it is cert-manager's.
func linkedType(t reflect.Type) string {
	name, element := typeName(t), t
	for element.Kind() == reflect.Pointer || element.Kind() == reflect.Slice {
		element = element.Elem()
	}
	group, _, isV1 := strings.Cut(strings.TrimPrefix(element.PkgPath(), "github.com/cert-manager/cert-manager/pkg/apis/"), "/v1")
	prefix := map[string]string{"certmanager": "cert-manager.io", "acme": "acme.cert-manager.io"}[group]
	if !isV1 || prefix == "" || element.Kind() != reflect.Struct {
		return name
	}
	return strings.Replace(name, element.Name(), fmt.Sprintf("[%s](%s#%s/v1.%s)", element.Name(), certManagerReference, prefix, element.Name()), 1)
}

const certManagerReference = "https://cert-manager.io/docs/reference/api-docs/"

// typeName is a type as people write it.
func typeName(t reflect.Type) string {
	if p, ok := reflect.New(t).Interface().(strictyaml.Part); ok {
		return "part of " + p.Whole().Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "PEM or base64"
		}
		return "list of " + typeName(t.Elem())
	case reflect.Map:
		return "map to " + typeName(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "number"
	}
	switch t.Name() {
	case "Duration":
		return "duration"
	case "IntOrString":
		return "number or name"
	}
	return t.Name()
}
