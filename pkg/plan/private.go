package plan

import "github.com/kubectl-certs/kubectl-certs/pkg/spec"

// private plans a CA of one's own: the issuer by which its key signs itself,
// the root, and the issuer that signs with it.
func (p *planner) private(i *spec.Issuer) {
	helper, root, signer := i.Helper(), i.Root(), i.Signer()
	p.plan.Issuers = append(p.plan.Issuers, Issuer{
		Object: Object{
			Namespace: helper.Namespace, Name: helper.Name, Labels: helper.Labels, Annotations: helper.Annotations,
			Note: "lets the root of " + i.Name + " sign itself",
		},
		Kind: helper.Kind, Spec: &helper,
	})
	wanted := *root.CertificateSpec.DeepCopy()
	wanted.SecretName, wanted.IssuerRef = root.SecretName, reference(&helper)
	o := Object{
		Namespace: root.Namespace, Name: root.Name, Labels: root.Labels, Annotations: root.Annotations,
		Note: "root " + root.CommonName + " in Secret " + root.SecretName + "; who is to trust it gets a copy of its ca.crt, see docs/trust.md",
	}
	if i.Kind == spec.ClusterIssuer {
		o.Part = ClusterPart
	}
	certificate := p.needCertificate(o, wanted, &helper)
	p.plan.Issuers = append(p.plan.Issuers, Issuer{
		Object: Object{
			Namespace: i.Namespace, Name: i.Name, Labels: i.Labels, Annotations: i.Annotations,
			Note: describeIssuer(&signer),
		},
		Kind: i.Kind, Spec: &signer, Root: &certificate,
	})
}
