package validation

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// private checks a private CA by the rules for its root certificate.
func (c *checker) private(at *strictyaml.Path, i *v1alpha1.Issuer) {
	if i.Private == nil {
		return
	}
	root := i.Root()
	c.label(at.At("namespace"), root.Namespace)
	switch {
	case i.Kind == v1alpha1.NamespacedIssuer && i.Namespace == "":
		c.bad(at.Parent().At("namespace"), "required for an Issuer with private, for the Secret of its root; leave out kind for a ClusterIssuer")
	case i.Kind == v1alpha1.NamespacedIssuer && root.Namespace != i.Namespace:
		c.bad(at.At("namespace"), "is only for a ClusterIssuer; an Issuer uses a Secret in its own namespace")
	}
	c.constraints(at, &root)
	options := root.Options()
	if len(options.CommonName) > 64 {
		c.bad(at.At("commonName"), "is longer than 64 characters, which X.509 does not allow")
		options.CommonName = ""
	}
	c.options(at, options)
}

// helpers reports issuers that have the name of the issuer that a private CA adds
// for its root. seen has the issuers of the file.
func (c *checker) helpers(seen map[string]*strictyaml.Path) {
	for i := range c.certs.Issuers {
		issuer := &c.certs.Issuers[i]
		if issuer.Private == nil || issuer.Name == "" {
			continue
		}
		helper := issuer.Helper()
		if first, taken := seen[resolve.FullName(helper.Namespace, helper.Name)]; taken {
			c.bad(first, "is also the name of the issuer that issuers[%d] adds for its root; choose another name", i)
		}
	}
}
