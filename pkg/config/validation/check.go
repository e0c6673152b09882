package validation

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// Check returns the problems of a file that its schema does not cover.
func Check(in Input) []problem.Problem {
	c := newChecker(in)
	if in.Change == nil {
		c.header()
	}
	c.entries()
	return c.List
}

// maxOutcome is the maximum number of entries of all environments together.
const maxOutcome = 1_000_000

func (c *checker) header() {
	var top *strictyaml.Path
	if v := c.certs.APIVersion; v != v1alpha1.APIVersion && v != "" {
		c.bad(top.At("apiVersion"), "must be %s", v1alpha1.APIVersion)
	}
	if k := c.certs.Kind; k != v1alpha1.Kind && k != "" {
		c.bad(top.At("kind"), "must be %s", v1alpha1.Kind)
	}
	if name := c.certs.Metadata.Name; name != "" {
		c.name(top.At("metadata").At("name"), name)
	}
	entries := len(c.certs.Issuers) + len(c.certs.Expose) + len(c.certs.Certificates) + len(c.certs.Trust)
	if n := len(c.certs.Environments); n*entries > maxOutcome {
		c.bad(top.At("environments"), "too many entries for one file: %d environments of %d entries each; split the file", n, entries)
	}
	if len(c.misshapen) == 0 && !generatesAnything(c.certs) {
		c.bad(top, "nothing to generate; add issuers, expose, certificates or trust")
	}
	seen := map[string]*strictyaml.Path{}
	for i, override := range c.certs.Environments {
		at := top.At("environments").Item(i)
		c.label(at.At("name"), override.Name)
		c.unique(seen, "environment", override.Name, at.At("name"))
		c.overrideNames(at, override)
	}
}

func generatesAnything(c *v1alpha1.Certs) bool {
	return len(c.Expose) > 0 || len(c.Certificates) > 0 || len(c.Trust) > 0 || slices.ContainsFunc(c.Issuers, func(i v1alpha1.Issuer) bool { return !i.Existing })
}

// entries checks the entries of all lists.
func (c *checker) entries() {
	var top *strictyaml.Path
	classes := map[string]*strictyaml.Path{}
	for i, class := range c.certs.IngressClasses {
		at := top.At("ingressClasses").Item(i).At("name")
		c.name(at, class.Name)
		c.unique(classes, "class", class.Name, at)
	}
	c.responder(top.At("responder"), c.certs.Responder)
	c.issuers(top.At("issuers"))
	c.exposures(top.At("expose"))
	c.certificates(top.At("certificates"))
	c.secrets(top)
	c.trust(top.At("trust"))
}
