package v1alpha1

import cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

// Helper is the self-signed issuer for the root of a private CA.
func (i *Issuer) Helper() Issuer {
	return Issuer{
		Name: i.Name + "-selfsigned", Kind: i.Kind, Namespace: i.Namespace, Group: i.Group,
		Labels: i.Labels, Annotations: i.Annotations, SelfSigned: &cm.SelfSignedIssuer{},
	}
}

// Root is the root certificate of a private CA.
func (i *Issuer) Root() Certificate {
	p := i.Private
	return Certificate{
		Name: i.Name + "-ca", SecretName: i.Name + "-ca", Namespace: p.Namespace,
		Issuer: i.Helper().Name, Labels: i.Labels, Annotations: i.Annotations,
		CertificateSpec: cm.CertificateSpec{
			IsCA: true, CommonName: p.CommonName, Subject: p.Subject, NameConstraints: p.NameConstraints,
			Duration: p.Duration, RenewBefore: p.RenewBefore, PrivateKey: p.PrivateKey,
			Usages: []cm.KeyUsage{cm.UsageCertSign, cm.UsageCRLSign},
		},
	}
}

// Signer is the issuer that signs with the root of a private CA.
func (i *Issuer) Signer() Issuer {
	signer := *i
	signer.Private, signer.CA = nil, &cm.CAIssuer{SecretName: i.Root().SecretName}
	return signer
}
