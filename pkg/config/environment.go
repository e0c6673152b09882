package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/validation"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// resolveEnvironments applies every override to the file and checks the result.
func resolveEnvironments(doc Document, budget int, found *strictyaml.Problems) []Environment {
	environments := make([]Environment, len(doc.Base.Environments))
	left := budget
	for i, o := range doc.Base.Environments {
		a := applier{
			decoder: schema.Format.NewDecoder(left), root: shallow(doc.root), given: map[string]map[int][]yamlnode.Pair{},
			override: o, at: (*strictyaml.Path)(nil).At("environments").Item(i),
		}
		certs := a.apply(doc.Base)
		if left = a.decoder.Budget; left < 0 { // most of the environment is unread
			found.List = append(found.List, a.decoder.List...)
			return nil
		}
		v1alpha1.SetDefaults(&certs)
		change := &validation.Change{RenamesHosts: len(o.Hosts) > 0, Changes: a.changes, Renamed: a.renamed}
		rules := validation.Check(validation.Input{File: doc.file, Root: a.root, Certs: &certs, Misshapen: a.decoder.List, Change: change})
		for _, p := range append(a.decoder.List, rules...) {
			p.Path = strings.TrimLeft(p.Path+inEnvironment(o.Name), " ")
			found.List = append(found.List, p)
		}
		environments[i] = Environment{Name: o.Name, Certs: certs, root: a.root}
	}
	return environments
}

// applier applies one environment to the file, and keeps the YAML nodes for the
// lines of problems.
type applier struct {
	decoder  *strictyaml.Decoder
	root     *yaml.Node
	override v1alpha1.Override
	at       *strictyaml.Path                   // of the override
	given    map[string]map[int][]yamlnode.Pair // by list and index, its changes to an entry
}

func (a *applier) apply(base v1alpha1.Certs) v1alpha1.Certs {
	certs, o := base, a.override
	certs.Environments = nil
	certs.Responder = a.responder(base.Responder)
	certs.Issuers = applyParts(a, "issuers", base.Issuers, o.Issuers, (*v1alpha1.Issuer).Key)
	certs.Expose = applyParts(a, "expose", base.Expose, o.Expose, (*v1alpha1.Expose).Key)
	certs.Certificates = applyParts(a, "certificates", base.Certificates, o.Certificates, (*v1alpha1.Certificate).Key)
	certs.Trust = applyParts(a, "trust", base.Trust, o.Trust, (*v1alpha1.Trust).Key)
	a.renameHosts(&certs, o.Hosts)
	a.changeClass(&certs, o.ClassName)
	return certs
}

// applyParts decodes the changed entries again and shares the others.
func applyParts[T any](a *applier, list string, base []T, parts map[string]v1alpha1.Part[T], key func(*T) (namespace, name string)) []T {
	result := slices.Clone(base)
	if len(parts) == 0 {
		return result
	}
	known := resolve.EntriesOf(base, key)
	at := (*strictyaml.Path)(nil).At(list)
	sequence := shallow(at.Find(a.root))
	yamlnode.Put(a.root, list, sequence)
	a.given[list] = map[int][]yamlnode.Pair{}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		for _, i := range known.Of(name) {
			sequence.Content[i] = overlay(sequence.Content[i], parts[name].Node())
			a.given[list][i] = yamlnode.Pairs(yamlnode.Resolve(parts[name].Node()))
			var fresh T
			a.decoder.Decode(sequence.Content[i], at.Item(i), reflect.ValueOf(&fresh).Elem())
			result[i] = fresh
		}
	}
	return result
}

// responder decodes the responder again if the environment changes it.
func (a *applier) responder(base v1alpha1.Responder) v1alpha1.Responder {
	change := a.override.Responder.Node()
	if change == nil {
		return base
	}
	at := (*strictyaml.Path)(nil).At("responder")
	merged := overlay(&yaml.Node{}, change)
	if at.IsGiven(a.root) {
		merged = overlay(at.Find(a.root), change)
	}
	yamlnode.Put(a.root, "responder", merged)
	var fresh v1alpha1.Responder
	a.decoder.Decode(merged, at, reflect.ValueOf(&fresh).Elem())
	return fresh
}

// changes reports whether the environment changes an entry.
func (a *applier) changes(list string, i int) bool { return a.given[list][i] != nil }

// sets reports whether the environment itself sets a field of an entry.
func (a *applier) sets(list string, i int, fields ...string) bool {
	given := a.given[list][i]
	return slices.ContainsFunc(fields, func(f string) bool { return yamlnode.ValueOf(given, f) != nil })
}

// renamed returns where the environment renames the host at a path, nil if it
// does not.
func (a *applier) renamed(at *strictyaml.Path) *strictyaml.Path {
	list, i, field := at.Entry()
	if !slices.Contains([]string{"host", "hosts", "dnsNames", "commonName"}, field) || a.sets(list, i, field) {
		return nil
	}
	if from, _ := renaming(yamlnode.Resolve(at.Find(a.root)).Value, a.override.Hosts); from != "" {
		return a.at.At("hosts").At(from)
	}
	return nil
}

func shallow(node *yaml.Node) *yaml.Node {
	c := *yamlnode.Resolve(node)
	c.Content = slices.Clone(c.Content)
	return &c
}

// renameHosts applies an environment's host names to routes and certificates,
// except to fields that the environment itself sets.
func (a *applier) renameHosts(c *v1alpha1.Certs, rename map[string]string) {
	if len(rename) == 0 {
		return
	}
	for i := range c.Expose {
		e := &c.Expose[i]
		if !a.sets("expose", i, "host", "hosts") {
			e.Hosts, e.Host = renameAll(e.Hosts, rename), renameHost(e.Host, rename)
		}
		if !a.sets("expose", i, "commonName") {
			e.CommonName = renameHost(e.CommonName, rename)
		}
	}
	for i := range c.Certificates {
		cert := &c.Certificates[i]
		if !a.sets("certificates", i, "dnsNames") {
			cert.DNSNames = renameAll(cert.DNSNames, rename)
		}
		if !a.sets("certificates", i, "commonName") {
			cert.CommonName = renameHost(cert.CommonName, rename)
		}
	}
}

func renameAll(hosts []string, rename map[string]string) []string {
	renamed := slices.Clone(hosts)
	for i, host := range hosts {
		renamed[i] = renameHost(host, rename)
	}
	return renamed
}

func renameHost(host string, rename map[string]string) string {
	if from, to := renaming(host, rename); from != "" {
		return strings.TrimSuffix(host, from) + to
	}
	return host
}

// renaming returns the longest renamed name that is the host or a domain above
// it.
func renaming(host string, rename map[string]string) (from, to string) {
	for from = host; from != ""; _, from, _ = strings.Cut(from, ".") {
		if to, ok := rename[from]; ok {
			return from, to
		}
	}
	return "", ""
}

// changeClass changes the class of every route and HTTP-01 solver that has one,
// except where the environment itself sets it.
func (a *applier) changeClass(c *v1alpha1.Certs, class string) {
	if class == "" {
		return
	}
	for i := range c.Expose {
		if e := &c.Expose[i]; e.As != v1alpha1.HTTPRoute && e.ClassName != "" && !a.sets("expose", i, "className") {
			e.ClassName = class
		}
	}
	for i := range c.Issuers {
		if acme := c.Issuers[i].ACME; acme != nil && !a.setsSolvers(i) {
			changed := *acme
			changed.Solvers = slices.Clone(acme.Solvers)
			for j := range changed.Solvers {
				changed.Solvers[j].HTTP01 = withClass(changed.Solvers[j].HTTP01, class)
			}
			c.Issuers[i].ACME = &changed
		}
	}
}

func (a *applier) setsSolvers(i int) bool {
	acme := yamlnode.ValueOf(a.given["issuers"][i], "acme")
	return acme != nil && yamlnode.ValueOf(yamlnode.Pairs(acme), "solvers") != nil
}

func withClass(h *v1alpha1.HTTP01, class string) *v1alpha1.HTTP01 {
	if h == nil || h.AnyClass() == "" {
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
