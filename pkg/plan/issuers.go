package plan

import "github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"

func (p *planner) issuer(i *v1alpha1.Issuer) {
	if i.Existing {
		return
	}
	if i.Private != nil {
		p.private(i)
		return
	}
	planned := Issuer{
		Object: Object{Namespace: i.Namespace, Name: i.Name, Labels: i.Labels, Annotations: i.Annotations, Note: describeIssuer(i)},
		Kind:   i.Kind,
		Spec:   i,
	}
	if i.ACME != nil {
		for n, solver := range i.ACME.Solvers {
			planned.Solvers = append(planned.Solvers, expand(solver, p.styles[i][n])...)
		}
	}
	p.plan.Issuers = append(p.plan.Issuers, planned)
}

// private plans a private CA: the self-signed issuer, the root, and the issuer
// that signs with it.
func (p *planner) private(i *v1alpha1.Issuer) {
	helper, root, signer := i.Helper(), i.Root(), i.Signer()
	part := ""
	if i.Kind == v1alpha1.ClusterIssuer || len(p.followers[i]) > 0 { // the Secret must be in the namespace where it is read
		part = ClusterPart
	}
	p.plan.Issuers = append(p.plan.Issuers, Issuer{
		Object: Object{
			Namespace: helper.Namespace, Name: helper.Name, Labels: helper.Labels, Annotations: helper.Annotations,
			Note: "self-signs the root of " + i.Name, Part: part,
		},
		Kind: helper.Kind, Spec: &helper,
	})
	wanted := *root.CertificateSpec.DeepCopy()
	wanted.SecretName, wanted.IssuerRef = root.SecretName, reference(&helper)
	o := Object{
		Namespace: root.Namespace, Name: root.Name, Labels: root.Labels, Annotations: root.Annotations,
		Note: "root " + root.CommonName + " in Secret " + root.SecretName + p.trustTargets(i), Part: part,
	}
	certificate := p.needCertificate(o, wanted, &helper)
	p.plan.Issuers = append(p.plan.Issuers, Issuer{
		Object: Object{
			Namespace: i.Namespace, Name: i.Name, Labels: i.Labels, Annotations: i.Annotations,
			Note: describeIssuer(&signer), Part: part,
		},
		Kind: i.Kind, Spec: &signer, Root: &certificate,
	})
}

// findFollowers finds the entries of trust that use the roots of private CAs.
func (p *planner) findFollowers() {
	p.followers = map[*v1alpha1.Issuer][]string{}
	for i := range p.certs.Trust {
		t := &p.certs.Trust[i]
		for _, issuer := range p.index.FromIssuers(t) {
			p.followers[issuer] = append(p.followers[issuer], t.Name)
		}
	}
}

// trustTargets returns how the root of a private CA is distributed.
func (p *planner) trustTargets(i *v1alpha1.Issuer) string {
	switch names := p.followers[i]; len(names) {
	case 0:
		return "; to trust it elsewhere, copy its ca.crt"
	case 1:
		return ", distributed by trust " + names[0]
	default:
		return ", distributed by trust " + enumerate(names)
	}
}
