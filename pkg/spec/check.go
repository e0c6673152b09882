package spec

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// checker holds the rules that go beyond the shape of the file.
type checker struct {
	problems
	root        *yaml.Node
	certs       *Certs
	environment string    // "" for the file itself
	structural  []Problem // what the decoder found; rules do not pile onto it
}

func (c *checker) bad(at *path, format string, args ...any) {
	place := at.String()
	for _, p := range c.structural {
		if related(p.Path, place) {
			return
		}
	}
	c.add(at.line(c.root), at, format, args...)
	if c.environment != "" {
		c.list[len(c.list)-1].Path = place + " (environment " + c.environment + ")"
	}
}

// related tells whether one path is the other or lies below it.
func related(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && strings.HasPrefix(b, a) && (len(a) == len(b) || b[len(a)] == '.' || b[len(a)] == '[')
}

func (c *checker) header() {
	var top *path
	if v := c.certs.APIVersion; v != APIVersion && v != "" {
		c.bad(top.at("apiVersion"), "must be %s", APIVersion)
	}
	if k := c.certs.Kind; k != Kind && k != "" {
		c.bad(top.at("kind"), "must be %s", Kind)
	}
	if name := c.certs.Metadata.Name; name != "" {
		c.name(top.at("metadata").at("name"), name)
	}
	seen := map[string]int{}
	for i, override := range c.certs.Environments {
		at := top.at("environments").item(i)
		c.label(at.at("name"), override.Name)
		c.unique(seen, override.Name, i, at.at("name"), "environments")
		c.overrideNames(at, override)
	}
}

func (c *checker) check() {
	var top *path
	classes := map[string]int{}
	for i, class := range c.certs.IngressClasses {
		at := top.at("ingressClasses").item(i).at("name")
		c.name(at, class.Name)
		c.unique(classes, class.Name, i, at, "ingressClasses")
	}
	c.issuers(top.at("issuers"))
	c.exposures(top.at("expose"))
	c.certificates(top.at("certificates"))
	c.secrets(top)
}

// unique reports the second of two entries of a list that have one name.
func (c *checker) unique(seen map[string]int, key string, i int, at *path, list string) {
	if key == "" {
		return
	}
	if first, twice := seen[key]; twice {
		c.bad(at, "%s is there twice; first in %s[%d]", key, list, first)
		return
	}
	seen[key] = i
}

// exactlyOne reports all but one of the alternatives; given says which are there.
func (c *checker) exactlyOne(at *path, names []string, given ...bool) {
	var found []string
	for i, name := range names {
		if given[i] {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 0:
		c.bad(at, "needs exactly one of %s", strings.Join(names, ", "))
	case len(found) > 1:
		c.bad(at, "has %s; only one may be given", strings.Join(found, " and "))
	}
}

func (c *checker) atMostOne(at *path, names []string, given ...bool) {
	for _, g := range given {
		if g {
			c.exactlyOne(at, names, given...)
			return
		}
	}
}
