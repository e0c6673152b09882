package plan

import (
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// Need is one requested certificate, however it is requested.
type Need struct {
	// Namespace is the namespace of the certificate's Secret.
	Namespace string
	// Certificate is the request as a spec of cert-manager's Certificate, or
	// the one that cert-manager derives from annotations. Its issuerRef always
	// has kind and group.
	Certificate cm.CertificateSpec
	// Labels select one of the issuer's solvers.
	Labels map[string]string
	// Profile is the ACME profile of the issuer, if the issuer is known.
	Profile string
	// Temporary requests a self-signed certificate until the first one is
	// issued.
	Temporary bool
	// Ingress is the Ingress to which HTTP-01 challenges are added, and Gateway
	// the Gateway of their routes; "" if the solver decides.
	Ingress, Gateway string
	// By is the requesting object.
	By Source
}

// Source is the object that requests a certificate.
type Source struct{ Kind, Namespace, Name string }

// certificateSpec converts the options of a route to a certificate's spec.
func certificateSpec(secret string, hosts []string, issuer *v1alpha1.Issuer, o v1alpha1.Options) cm.CertificateSpec {
	return cm.CertificateSpec{
		SecretName:              secret,
		DNSNames:                hosts,
		IssuerRef:               reference(issuer),
		CommonName:              o.CommonName,
		Duration:                o.Duration,
		RenewBefore:             o.RenewBefore,
		RenewBeforePercentage:   o.RenewBeforePercentage,
		Usages:                  o.Usages,
		PrivateKey:              o.PrivateKey,
		Subject:                 o.Subject,
		SecretTemplate:          o.SecretTemplate,
		Keystores:               o.Keystores,
		AdditionalOutputFormats: o.AdditionalOutputFormats,
		RevisionHistoryLimit:    o.RevisionHistoryLimit,
		Renewal:                 o.Renewal,
	}
}

func reference(i *v1alpha1.Issuer) cmmeta.IssuerReference {
	return cmmeta.IssuerReference{Name: i.Name, Kind: string(i.Kind), Group: i.Group}
}

func profile(i *v1alpha1.Issuer) string {
	if i.ACME == nil {
		return ""
	}
	return i.ACME.Profile
}
