package validation

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// private checks a CA of one's own by the rules for the certificate that it
// stands for.
func (c *checker) private(at *strictyaml.Path, i *v1alpha1.Issuer) {
	if i.Private == nil {
		return
	}
	root := i.Root()
	c.label(at.At("namespace"), root.Namespace)
	switch {
	case i.Kind == v1alpha1.NamespacedIssuer && i.Namespace == "":
		c.bad(at.Parent().At("namespace"), "required for an Issuer with private, whose root goes into a Secret there; or leave out kind, for a ClusterIssuer")
	case i.Kind == v1alpha1.NamespacedIssuer && root.Namespace != i.Namespace:
		c.bad(at.At("namespace"), "is for a ClusterIssuer; an Issuer signs with a Secret of its own namespace")
	}
	c.constraints(at, &root)
	options := root.Options()
	if len(options.CommonName) > 64 {
		c.bad(at.At("commonName"), "is longer than 64 characters, which X.509 does not allow")
		options.CommonName = ""
	}
	c.options(at, options)
}

// helpers finds issuers that are called as one that a private CA makes for
// itself; seen are the issuers of the file.
func (c *checker) helpers(at *strictyaml.Path, seen map[string]int) {
	for i := range c.certs.Issuers {
		issuer := &c.certs.Issuers[i]
		if issuer.Private == nil || issuer.Name == "" {
			continue
		}
		helper := issuer.Helper()
		if other, taken := seen[resolve.FullName(helper.Namespace, helper.Name)]; taken {
			c.bad(at.Item(other).At("name"), "is the name of the issuer that issuers[%d] makes for its root; choose another name", i)
		}
	}
}
