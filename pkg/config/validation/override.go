package validation

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// overrideNames checks that an environment changes only existing entries.
func (c *checker) overrideNames(at *strictyaml.Path, o v1alpha1.Override) {
	c.class(at.At("className"), o.ClassName)
	c.renames(at.At("hosts"), o.Hosts)
	changedList[v1alpha1.Issuer]{"issuers", c.certs.Issuers, o.Issuers, (*v1alpha1.Issuer).Key}.check(c, at)
	changedList[v1alpha1.Expose]{"expose", c.certs.Expose, o.Expose, (*v1alpha1.Expose).Key}.check(c, at)
	changedList[v1alpha1.Certificate]{"certificates", c.certs.Certificates, o.Certificates, (*v1alpha1.Certificate).Key}.check(c, at)
	changedList[v1alpha1.Trust]{"trust", c.certs.Trust, o.Trust, (*v1alpha1.Trust).Key}.check(c, at)
}

// changedList is a list of certs.yaml and its changes in an environment.
type changedList[T any] struct {
	name    string
	entries []T
	changes map[string]v1alpha1.Part[T]
	key     func(*T) (namespace, name string)
}

// check checks that each change is of one entry, and each entry is changed once.
func (l changedList[T]) check(c *checker, at *strictyaml.Path) {
	if len(l.changes) == 0 {
		return
	}
	at, known := at.At(l.name), resolve.EntriesOf(l.entries, l.key)
	changer, names := map[int]string{}, []string(nil)
	for _, name := range slices.Sorted(maps.Keys(l.changes)) {
		if c.Full() {
			return
		}
		switch found := known.Of(name); {
		case len(found) == 0:
			if names == nil {
				names = known.Names()
			}
			c.bad(at.At(name), "no entry of %s has this name%s", l.name, c.Suggest(name, names))
		case len(found) > 1 && known.NeedsNamespace(name):
			c.bad(at.At(name), "%d entries of %s have this name; write namespace/%s", len(found), l.name, name)
		case len(found) > 1:
			c.bad(at.At(name), "%d entries of %s have this name; give them different names", len(found), l.name)
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
	names := slices.Sorted(maps.Keys(known))
	for _, from := range slices.Sorted(maps.Keys(rename)) {
		c.host(at.At(from), from)
		c.host(at.At(from), rename[from])
		if hostRule(from) == "" && !known[from] {
			c.bad(at.At(from), "no host here is %s or ends in .%s%s", from, from, c.Suggest(from, names))
		}
	}
}
