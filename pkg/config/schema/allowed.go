package schema

import (
	"reflect"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// allowed are the values of string types. cert-manager has them only as markers
// for its CRDs, which a program cannot read.
var allowed = map[reflect.Type][]string{
	reflect.TypeFor[v1alpha1.RouteKind]():  {string(v1alpha1.Ingress), string(v1alpha1.VirtualServer), string(v1alpha1.HTTPRoute)},
	reflect.TypeFor[v1alpha1.Mode]():       {string(v1alpha1.Annotation), string(v1alpha1.Explicit)},
	reflect.TypeFor[v1alpha1.HTTP01Mode](): {string(v1alpha1.Static), string(v1alpha1.Mergeable), string(v1alpha1.EditInPlace), string(v1alpha1.Plain)},
	reflect.TypeFor[v1alpha1.Emitter]():    {string(v1alpha1.ExternalDNS), string(v1alpha1.NoEmitter)},
	reflect.TypeFor[v1alpha1.PathType]():   {string(v1alpha1.Prefix), string(v1alpha1.Exact), string(v1alpha1.ImplementationSpecific)},

	reflect.TypeFor[v1alpha1.TrustManagerVersion]():       {string(v1alpha1.Bundle), string(v1alpha1.ClusterBundle)},
	reflect.TypeFor[v1alpha1.ClusterTrustBundleVersion](): {string(v1alpha1.V1Beta1), string(v1alpha1.V1)},
	reflect.TypeFor[v1alpha1.Mount]():                     {string(v1alpha1.MountTrustManager), string(v1alpha1.MountOpenShift), string(v1alpha1.MountClusterTrustBundle)},
	reflect.TypeFor[v1alpha1.Variable](): {
		string(v1alpha1.SSLCertFile), string(v1alpha1.NodeExtraCACerts), string(v1alpha1.RequestsCABundle), string(v1alpha1.CurlCABundle), string(v1alpha1.GitSSLCAInfo), string(v1alpha1.JavaToolOptions),
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
