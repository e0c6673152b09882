package validation

import (
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// blocked finds hosts without an issuer whose Ingress keeps out the challenge
// for the certificate of their Secret, which is one of certificates.
func (c *checker) blocked(at *strictyaml.Path, index *resolve.Index) {
	bySecret := map[string]*v1alpha1.Certificate{}
	for i := range c.certs.Certificates {
		cert := &c.certs.Certificates[i]
		bySecret[resolve.FullName(cert.Namespace, cert.SecretName)] = cert
	}
	for i := range c.certs.Expose {
		e := &c.certs.Expose[i]
		if e.Issuer != "" || e.As != v1alpha1.Ingress || index.Controller(e.ClassName) != v1alpha1.NGINXIngressController {
			continue
		}
		cert := bySecret[resolve.FullName(e.Namespace, e.SecretName)]
		if cert == nil || cert.Annotations[cmacme.ACMECertificateHTTP01IngressNameOverride] != "" {
			continue
		}
		for j, host := range e.Hosts {
			if sure, _ := index.Proves(cert, host, e.ClassName); sure {
				c.bad(hostAt(e, at.Item(i), j), "NGINX Ingress Controller would keep out the HTTP-01 challenge for certificate %s; write issuer: %s here instead of that certificate", cert.Name, cert.Issuer)
			}
		}
	}
}
