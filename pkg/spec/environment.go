package spec

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// overrideNames checks that an environment changes only what is there.
func (c *checker) overrideNames(at *path, o Override) {
	c.class(at.at("className"), o.ClassName)
	for _, from := range sortedKeys(o.Hosts) {
		c.host(at.at("hosts").at(from), from)
		c.host(at.at("hosts").at(from), o.Hosts[from])
	}
	known := func(list string, entries map[string][]int, keys []string) {
		for _, key := range keys {
			switch n := len(entries[key]); {
			case n == 0:
				c.bad(at.at(list).at(key), "nothing of this name in %s%s", list, hint(key, sortedKeys(entries)))
			case n > 1:
				c.bad(at.at(list).at(key), "%d entries of %s have this name; write namespace/%s", n, list, key)
			}
		}
	}
	known("issuers", byName(c.certs.Issuers, (*Issuer).key), sortedKeys(o.Issuers))
	known("expose", byName(c.certs.Expose, (*Expose).key), sortedKeys(o.Expose))
	known("certificates", byName(c.certs.Certificates, (*Certificate).key), sortedKeys(o.Certificates))
}

func (i *Issuer) key() (namespace, name string)      { return i.Namespace, i.Name }
func (e *Expose) key() (namespace, name string)      { return e.Namespace, e.Name }
func (c *Certificate) key() (namespace, name string) { return c.Namespace, c.Name }

// byName lists the entries that a key of an override means: name or namespace/name.
func byName[T any](list []T, key func(*T) (namespace, name string)) map[string][]int {
	entries := map[string][]int{}
	for i := range list {
		namespace, name := key(&list[i])
		entries[name] = append(entries[name], i)
		if namespace != "" {
			entries[namespace+"/"+name] = append(entries[namespace+"/"+name], i)
		}
	}
	return entries
}

// resolveEnvironments applies every override to the file and checks the outcome.
func resolveEnvironments(root *yaml.Node, base Certs, found *problems) []Environment {
	environments := make([]Environment, len(base.Environments))
	for i, o := range base.Environments {
		certs, merged, mistakes := applyOverride(root, base, o)
		setDefaults(&certs)
		c := checker{root: merged, certs: &certs, environment: o.Name, structural: mistakes}
		c.check()
		found.list = append(append(found.list, mistakes...), c.list...)
		environments[i] = Environment{Name: o.Name, Certs: certs}
	}
	return environments
}

// applyOverride returns the file as it is in one environment, together with
// the nodes it came from, for the lines of problems.
func applyOverride(root *yaml.Node, base Certs, o Override) (Certs, *yaml.Node, []Problem) {
	certs := base
	certs.Environments = nil
	a := applier{decoder: decoder{budget: maxNodes}, root: shallow(root)}
	certs.Issuers = applyParts(&a, "issuers", base.Issuers, o.Issuers, (*Issuer).key)
	certs.Expose = applyParts(&a, "expose", base.Expose, o.Expose, (*Expose).key)
	certs.Certificates = applyParts(&a, "certificates", base.Certificates, o.Certificates, (*Certificate).key)
	renameHosts(&certs, o.Hosts)
	changeClass(&certs, o.ClassName)
	return certs, a.root, a.list
}

type applier struct {
	decoder
	root *yaml.Node
}

// applyParts decodes the changed entries anew and shares the others.
func applyParts[T any](a *applier, list string, base []T, parts map[string]Part[T], key func(*T) (namespace, name string)) []T {
	result := slices.Clone(base)
	if len(parts) == 0 {
		return result
	}
	entries := byName(base, key)
	at := (*path)(nil).at(list)
	sequence := shallow(at.find(a.root))
	replaceValue(a.root, list, sequence)
	for _, name := range sortedKeys(parts) {
		for _, i := range entries[name] {
			sequence.Content[i] = overlay(sequence.Content[i], parts[name].node)
			var fresh T
			a.decode(sequence.Content[i], at.item(i), reflect.ValueOf(&fresh).Elem(), 0)
			result[i] = fresh
		}
	}
	return result
}

func shallow(node *yaml.Node) *yaml.Node {
	c := *resolve(node)
	c.Content = slices.Clone(c.Content)
	return &c
}

func replaceValue(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = value
		}
	}
}

// renameHosts applies an environment's host names to routes and certificates.
func renameHosts(c *Certs, rename map[string]string) {
	if len(rename) == 0 {
		return
	}
	from := sortedKeys(rename)
	slices.SortStableFunc(from, func(a, b string) int { return len(b) - len(a) })
	all := func(hosts []string) []string {
		renamed := make([]string, len(hosts))
		for i, host := range hosts {
			renamed[i] = renameHost(host, from, rename)
		}
		return renamed
	}
	for i := range c.Expose {
		e := &c.Expose[i]
		e.Hosts, e.Host = all(e.Hosts), renameHost(e.Host, from, rename)
		e.CommonName = renameHost(e.CommonName, from, rename)
	}
	for i := range c.Certificates {
		cert := &c.Certificates[i]
		cert.DNSNames, cert.CommonName = all(cert.DNSNames), renameHost(cert.CommonName, from, rename)
	}
}

func renameHost(host string, from []string, to map[string]string) string {
	for _, domain := range from {
		if before, ok := strings.CutSuffix(host, domain); ok && (before == "" || strings.HasSuffix(before, ".")) {
			return before + to[domain]
		}
	}
	return host
}

// changeClass moves every route and HTTP-01 solver that names a class to another.
func changeClass(c *Certs, class string) {
	if class == "" {
		return
	}
	for i := range c.Expose {
		if c.Expose[i].As != HTTPRoute && c.Expose[i].ClassName != "" {
			c.Expose[i].ClassName = class
		}
	}
	for i := range c.Issuers {
		if acme := c.Issuers[i].ACME; acme != nil {
			changed := *acme
			changed.Solvers = slices.Clone(acme.Solvers)
			for j := range changed.Solvers {
				changed.Solvers[j].HTTP01 = changed.Solvers[j].HTTP01.withClass(class)
			}
			c.Issuers[i].ACME = &changed
		}
	}
}

func (h *HTTP01) withClass(class string) *HTTP01 {
	if h == nil || h.class() == "" {
		return h
	}
	c := *h
	switch {
	case c.IngressClassName != "":
		c.IngressClassName = class
	case c.Class != "":
		c.Class = class
	default:
		c.Ingress = c.Ingress.DeepCopy()
		if c.Ingress.Class != nil {
			c.Ingress.Class = &class
		} else {
			c.Ingress.IngressClassName = &class
		}
	}
	return &c
}
