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
	names, objects, index := map[string]int{}, map[[2]string]int{}, resolve.NewIndex(c.certs)
	for i := range c.certs.Trust {
		t, at := &c.certs.Trust[i], at.Item(i)
		if c.isChanged("trust", i) {
			c.bundle(at, t)
			c.targets(at.At("to"), t)
		}
		c.unique(names, t.Name, i, at.At("name"), "trust")
		c.fromIssuers(at, t, index)
		c.sharedObjects(at, i, t, objects)
	}
	c.once(at)
	c.sameHosts(at)
	c.samePods(at)
	c.oneTrustNamespace(at)
}

// findingID is how findings of kubectl certs trust are called.
var findingID = regexp.MustCompile(`^T[0-9]{3}$`)

// bundle checks what can be told of the certificates without reading them.
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
			c.bad(at.At("allow").Item(i), "%q is no finding; write its number, as in T004", id)
		}
	}
}

// sources wants certificates from somewhere.
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
		c.bad(at.At("from"), "required; or fromIssuers, private CAs of this file")
	}
}

// sourceRule says what is wrong with the path of a source, "" if nothing is.
func sourceRule(source string) string {
	_, badPattern := pathpkg.Match(source, "")
	switch {
	case source == "" || source == "-":
		return "is no file"
	case strings.Contains(source, "://"):
		return "is a URL; put the certificates into a file beside certs.yaml"
	case strings.Contains(source, `\`):
		return "has a backslash; write / between folders"
	case pathpkg.IsAbs(source):
		return "is a path of one machine; write one that is relative to certs.yaml"
	case badPattern != nil:
		return "has a [ that is never closed"
	}
	return ""
}
