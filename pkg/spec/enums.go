package spec

import (
	"reflect"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
)

// allowed are the words a type of text may be. cert-manager keeps its own in
// markers for its CRDs, out of a program's reach.
var allowed = map[reflect.Type][]string{
	reflect.TypeFor[RouteKind]():  {string(Ingress), string(VirtualServer), string(HTTPRoute)},
	reflect.TypeFor[Mode]():       {string(Annotation), string(Explicit)},
	reflect.TypeFor[HTTP01Mode](): {string(Static), string(Mergeable), string(EditInPlace), string(Plain)},
	reflect.TypeFor[Emitter]():    {string(ExternalDNS), string(NoEmitter)},
	reflect.TypeFor[PathType]():   {string(Prefix), string(Exact), string(ImplementationSpecific)},

	reflect.TypeFor[TrustManagerVersion]():       {string(Bundle), string(ClusterBundle)},
	reflect.TypeFor[ClusterTrustBundleVersion](): {string(V1Beta1), string(V1)},
	reflect.TypeFor[Mount]():                     {string(MountTrustManager), string(MountOpenShift), string(MountClusterTrustBundle)},
	reflect.TypeFor[Variable](): {
		string(SSLCertFile), string(NodeExtraCACerts), string(RequestsCABundle), string(CurlCABundle), string(GitSSLCAInfo), string(JavaToolOptions),
	},

	reflect.TypeFor[corev1.ServiceType]():             {"ClusterIP", "NodePort"},
	reflect.TypeFor[cmacme.HMACKeyAlgorithm]():        {"HS256", "HS384", "HS512"},
	reflect.TypeFor[cmacme.CNAMEStrategy]():           {"None", "Follow"},
	reflect.TypeFor[cmacme.AzureDNSEnvironment]():     {"AzurePublicCloud", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernmentCloud"},
	reflect.TypeFor[cmacme.AzureZoneType]():           {"AzurePublicZone", "AzurePrivateZone"},
	reflect.TypeFor[cmacme.RFC2136UpdateProtocol]():   {"TCP", "UDP"},
	reflect.TypeFor[cm.PrivateKeyAlgorithm]():         {"RSA", "ECDSA", "Ed25519"},
	reflect.TypeFor[cm.PrivateKeyEncoding]():          {"PKCS1", "PKCS8"},
	reflect.TypeFor[cm.PrivateKeyRotationPolicy]():    {"Never", "Always"},
	reflect.TypeFor[cm.PKCS12Profile]():               {"LegacyRC2", "LegacyDES", "Modern2023", "Modern2026"},
	reflect.TypeFor[cm.CertificateOutputFormatType](): {"DER", "CombinedPEM"},
	reflect.TypeFor[cm.CertificateRenewalPolicy]():    {"RenewBefore", "Disabled"},
	reflect.TypeFor[cm.SignatureAlgorithm](): {
		"SHA256WithRSA", "SHA384WithRSA", "SHA512WithRSA",
		"ECDSAWithSHA256", "ECDSAWithSHA384", "ECDSAWithSHA512", "PureEd25519",
	},
	reflect.TypeFor[cm.KeyUsage](): {
		"signing", "digital signature", "content commitment", "key encipherment", "key agreement",
		"data encipherment", "cert sign", "crl sign", "encipher only", "decipher only", "any",
		"server auth", "client auth", "code signing", "email protection", "s/mime",
		"ipsec end system", "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing",
		"microsoft sgc", "netscape sgc",
	},
}
