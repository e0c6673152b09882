package v1alpha1

// Options returns the wishes of a Certificate in the form an Expose has them.
func (c *Certificate) Options() Options {
	return Options{
		CommonName: c.CommonName, Duration: c.Duration, RenewBefore: c.RenewBefore,
		RenewBeforePercentage: c.RenewBeforePercentage, Usages: c.Usages, PrivateKey: c.PrivateKey,
		Subject: c.Subject, SecretTemplate: c.SecretTemplate, Keystores: c.Keystores,
		AdditionalOutputFormats: c.AdditionalOutputFormats, RevisionHistoryLimit: c.RevisionHistoryLimit, Renewal: c.Renewal,
	}
}

// CertificateNamespace is where the certificate and its Secret are: with the
// Gateway for an HTTPRoute, else with the route.
func (e *Expose) CertificateNamespace() string {
	if e.Gateway != nil {
		return e.Gateway.Namespace
	}
	return e.Namespace
}
