package validation

import (
	pathpkg "path"
	"regexp"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) trust(at *strictyaml.Path) {
	names, objects, index := map[string]*strictyaml.Path{}, map[[2]string]int{}, resolve.NewIndex(c.certs)
	for i := range c.certs.Trust {
		t, at := &c.certs.Trust[i], at.Item(i)
		if c.isChanged("trust", i) {
			c.bundle(at, t)
			c.targets(at.At("to"), t)
		}
		c.unique(names, "trust entry", t.Name, at.At("name"))
		c.fromIssuers(at, t, index)
		c.sharedObjects(at, i, t, objects)
	}
	c.once(at)
	c.sameHosts(at)
	c.samePods(at)
	c.oneTrustNamespace(at)
}

// findingID is the form of the IDs of kubectl certs trust.
var findingID = regexp.MustCompile(`^T[0-9]{3}$`)

// bundle checks the fields of an entry without reading its certificates.
func (c *checker) bundle(at *strictyaml.Path, t *v1alpha1.Trust) {
	c.label(at.At("name"), t.Name)
	c.sources(at, t)
	for i, source := range t.From {
		if rule := sourceRule(source); rule != "" {
			c.bad(at.At("from").Item(i), "%q %s", source, rule)
		}
	}
	for i, id := range t.Allow {
		if !findingID.MatchString(id) {
			c.bad(at.At("allow").Item(i), "invalid finding ID %q: use a form such as T004", id)
		}
	}
}

// sources checks that an entry has a source of certificates.
func (c *checker) sources(at *strictyaml.Path, t *v1alpha1.Trust) {
	for _, list := range []struct {
		name string
		of   []string
	}{{"from", t.From}, {"fromIssuers", t.FromIssuers}} {
		if at := at.At(list.name); len(list.of) == 0 && at.IsGiven(c.root) {
			c.bad(at, "must not be empty")
			return
		}
	}
	if len(t.From) == 0 && len(t.FromIssuers) == 0 {
		c.bad(at.At("from"), "required, or fromIssuers with private CAs of this file")
	}
}

// sourceRule returns the rule that the path of a source breaks, "" if it is
// valid.
func sourceRule(source string) string {
	_, badPattern := pathpkg.Match(source, "")
	switch {
	case source == "" || source == "-":
		return "is not a file name"
	case strings.Contains(source, "://"):
		return "is a URL; download the certificates to a file beside certs.yaml"
	case strings.Contains(source, `\`):
		return "has a backslash; write / between folders"
	case pathpkg.IsAbs(source):
		return "is an absolute path; use one relative to certs.yaml"
	case badPattern != nil:
		return "has a [ without a ]"
	}
	return ""
}
