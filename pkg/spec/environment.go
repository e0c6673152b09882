package spec

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// overrideNames checks that an environment changes only what is there.
func (c *checker) overrideNames(at *strictyaml.Path, o Override) {
	c.class(at.At("className"), o.ClassName)
	c.renames(at.At("hosts"), o.Hosts)
	changed(c, at, "issuers", c.certs.Issuers, o.Issuers, (*Issuer).key)
	changed(c, at, "expose", c.certs.Expose, o.Expose, (*Expose).key)
	changed(c, at, "certificates", c.certs.Certificates, o.Certificates, (*Certificate).key)
	changed(c, at, "trust", c.certs.Trust, o.Trust, (*Trust).key)
}

func changed[T any](c *checker, at *strictyaml.Path, list string, all []T, parts map[string]Part[T], key func(*T) (namespace, name string)) {
	if len(parts) == 0 {
		return
	}
	at, known := at.At(list), entriesOf(all, key)
	changer, names := map[int]string{}, []string(nil)
	for _, name := range sortedKeys(parts) {
		if c.Full() {
			return
		}
		switch found := known.of(name); {
		case len(found) == 0:
			if names == nil {
				names = sortedKeys(known.loose)
			}
			c.bad(at.At(name), "nothing of this name in %s%s", list, c.Suggest(name, names))
		case len(found) > 1 && known.apart[name]:
			c.bad(at.At(name), "%d entries of %s have this name; write namespace/%s", len(found), list, name)
		case len(found) > 1:
			c.bad(at.At(name), "%d entries of %s have this name; give them different names", len(found), list)
		case changer[found[0]] != "":
			c.bad(at.At(name), "is the entry that %s changes too; write both changes under one name", changer[found[0]])
		default:
			changer[found[0]] = name
		}
	}
}

// renames checks that every renamed host is there.
func (c *checker) renames(at *strictyaml.Path, rename map[string]string) {
	if len(rename) == 0 {
		return
	}
	known := map[string]bool{}
	note := func(host string) {
		for ; host != ""; _, host, _ = strings.Cut(host, ".") {
			known[host] = true
		}
	}
	for i := range c.certs.Expose {
		e := &c.certs.Expose[i]
		note(e.Host)
		note(e.CommonName)
		for _, host := range e.Hosts {
			note(host)
		}
	}
	for i := range c.certs.Certificates {
		note(c.certs.Certificates[i].CommonName)
		for _, host := range c.certs.Certificates[i].DNSNames {
			note(host)
		}
	}
	names := sortedKeys(known)
	for _, from := range sortedKeys(rename) {
		c.host(at.At(from), from)
		c.host(at.At(from), rename[from])
		if hostRule(from) == "" && !known[from] {
			c.bad(at.At(from), "no host here is %s or ends in .%s%s", from, from, c.Suggest(from, names))
		}
	}
}

func (i *Issuer) key() (namespace, name string)      { return i.Namespace, i.Name }
func (e *Expose) key() (namespace, name string)      { return e.Namespace, e.Name }
func (c *Certificate) key() (namespace, name string) { return c.Namespace, c.Name }
func (t *Trust) key() (namespace, name string)       { return "", t.Name }

// entries are the names that an override may use for the entries of a list.
type entries struct {
	exact map[string][]int // namespace/name, or name where there is no namespace
	loose map[string][]int // these, and every name alone
	apart map[string]bool  // names alone that namespaces tell apart
}

func entriesOf[T any](list []T, key func(*T) (namespace, name string)) entries {
	e := entries{map[string][]int{}, map[string][]int{}, map[string]bool{}}
	for i := range list {
		namespace, name := key(&list[i])
		full := joinName(namespace, name)
		e.exact[full] = append(e.exact[full], i)
		e.loose[name] = append(e.loose[name], i)
		if namespace != "" {
			e.loose[full] = append(e.loose[full], i)
			e.apart[name] = true
		}
	}
	return e
}

// of returns the entries that a key means: more than one if it is ambiguous.
func (e entries) of(key string) []int {
	if exact, ok := e.exact[key]; ok {
		return exact
	}
	return e.loose[key]
}
