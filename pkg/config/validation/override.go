package validation

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// overrideNames checks that an environment changes only existing entries.
func (c *checker) overrideNames(at *strictyaml.Path, o v1alpha1.Override) {
	c.class(at.At("className"), o.ClassName)
	c.renames(at.At("hosts"), o.Hosts)
	changed(c, at, "issuers", c.certs.Issuers, o.Issuers, (*v1alpha1.Issuer).Key)
	changed(c, at, "expose", c.certs.Expose, o.Expose, (*v1alpha1.Expose).Key)
	changed(c, at, "certificates", c.certs.Certificates, o.Certificates, (*v1alpha1.Certificate).Key)
	changed(c, at, "trust", c.certs.Trust, o.Trust, (*v1alpha1.Trust).Key)
}

func changed[T any](c *checker, at *strictyaml.Path, list string, all []T, parts map[string]v1alpha1.Part[T], key func(*T) (namespace, name string)) {
	if len(parts) == 0 {
		return
	}
	at, known := at.At(list), resolve.EntriesOf(all, key)
	changer, names := map[int]string{}, []string(nil)
	for _, name := range sortedKeys(parts) {
		if c.Full() {
			return
		}
		switch found := known.Of(name); {
		case len(found) == 0:
			if names == nil {
				names = known.Names()
			}
			c.bad(at.At(name), "no entry of %s has this name%s", list, c.Suggest(name, names))
		case len(found) > 1 && known.NeedsNamespace(name):
			c.bad(at.At(name), "%d entries of %s have this name; write namespace/%s", len(found), list, name)
		case len(found) > 1:
			c.bad(at.At(name), "%d entries of %s have this name; give them different names", len(found), list)
		case changer[found[0]] != "":
			c.bad(at.At(name), "is the same entry as %s; write both changes under one name", changer[found[0]])
		default:
			changer[found[0]] = name
		}
	}
}

// renames checks that every renamed host exists.
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
