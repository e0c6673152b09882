package plan

import (
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// Need is one certificate that somebody wants, whichever way it is asked for.
type Need struct {
	// Namespace is where the certificate's Secret is.
	Namespace string
	// Certificate is the wish in cert-manager's own words: what a Certificate
	// says, or what cert-manager makes of an annotation. Its issuerRef is
	// complete: kind and group are always given.
	Certificate cm.CertificateSpec
	// Labels choose among the issuer's solvers.
	Labels map[string]string
	// Profile is the ACME profile of the issuer, where the issuer is known.
	Profile string
	// Temporary asks for a self-signed certificate until the first real one.
	Temporary bool
	// Ingress is the one that HTTP-01 challenges are added to, and Gateway the
	// one that their routes attach to; "" where the solver says.
	Ingress, Gateway string
	// By is the object that asks.
	By Source
}

// Source is the object that asks for a certificate.
type Source struct{ Kind, Namespace, Name string }

// wish turns the options of a route into a certificate's spec.
func wish(secret string, hosts []string, issuer *v1alpha1.Issuer, o v1alpha1.Options) cm.CertificateSpec {
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
