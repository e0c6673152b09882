package v1alpha1

// Options returns the fields of a Certificate that an Expose has too.
func (c *Certificate) Options() Options {
	return Options{
		CommonName: c.CommonName, Duration: c.Duration, RenewBefore: c.RenewBefore,
		RenewBeforePercentage: c.RenewBeforePercentage, Usages: c.Usages, PrivateKey: c.PrivateKey,
		Subject: c.Subject, SecretTemplate: c.SecretTemplate, Keystores: c.Keystores,
		AdditionalOutputFormats: c.AdditionalOutputFormats, RevisionHistoryLimit: c.RevisionHistoryLimit, Renewal: c.Renewal,
	}
}

// CertificateNamespace is the namespace of the certificate and its Secret: that
// of the Gateway for an HTTPRoute, else that of the route.
func (e *Expose) CertificateNamespace() string {
	if e.Gateway != nil {
		return e.Gateway.Namespace
	}
	return e.Namespace
}
