package rotation

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// EntryIn is the entry of trust that a rotation names, as one environment of the
// certs.yaml has it.
type EntryIn struct {
	Environment string
	Roots       []cabundle.Entry // of the files that it reads
	FromIssuers []string
}

// EntryCheck is what an entry of trust is checked with.
type EntryCheck struct {
	File, CertsFile string // of the rotation, and the certs.yaml, for messages
	Environment     string // that is rotated
	Old             []*x509.Certificate
	IsBundle        func(source string) bool // whether a source is the bundle of the rotation
}

// CheckEntry returns what is wrong with the entry of trust that a rotation names:
// a change of the bundle does not reach it, or it has an old CA from another
// file. Warnings are about environments that are not rotated.
func (r Rotation) CheckEntry(c EntryCheck, entries []EntryIn) (warnings []string, err error) {
	found := false
	var wrong []error
	for _, e := range entries {
		reads := slices.ContainsFunc(e.Roots, func(root cabundle.Entry) bool { return c.IsBundle(root.Place.Source) })
		if e.Environment != c.Environment {
			if reads {
				warnings = append(warnings, fmt.Sprintf("environment %s trusts %s too; ask its cluster as well before a CA is removed", e.Environment, r.Bundle))
			}
			continue
		}
		found = true
		wrong = append(wrong, r.oldElsewhere(c, e)...)
		if !reads {
			wrong = append(wrong, fmt.Errorf("%s: trust %s does not read %s; name it there under from", c.CertsFile, r.Trust.Name, r.Bundle))
		}
		if len(e.FromIssuers) > 0 {
			warnings = append(warnings, fmt.Sprintf("trust %s follows %s too, which a rotation cannot take out", r.Trust.Name, strings.Join(e.FromIssuers, ", ")))
		}
	}
	if !found {
		wrong = append(wrong, fmt.Errorf("%s: there is no trust %s, which %s names", c.CertsFile, r.Trust.Name, c.File))
	}
	return warnings, problem.Join(wrong...)
}

// oldElsewhere returns an error for each old CA that is in another file too.
func (r Rotation) oldElsewhere(c EntryCheck, e EntryIn) []error {
	var wrong []error
	for _, root := range e.Roots {
		if !c.IsBundle(root.Place.Source) && pki.Contains(c.Old, root.Cert) {
			wrong = append(wrong, fmt.Errorf("%s: trust %s has %s from %s too, and the rotation takes it out of %s only",
				c.CertsFile, r.Trust.Name, pki.Name(root.Cert.Subject), root.Place.Source, r.Bundle))
		}
	}
	return wrong
}

// AddTargets adds the targets of an entry of trust to the locations. An object
// counts in whichever namespace it gets; a component only in those of the
// workloads, where these are limited.
func (r *Rotation) AddTargets(targets []usage.Location) {
	for _, l := range targets {
		if l.Vague() {
			l.Namespace = usage.Everywhere
		}
		if namespaces := r.Workloads.Namespaces; l.Kind == usage.Component && len(namespaces) > 0 {
			for _, n := range namespaces {
				l.Namespace = n
				r.Locations = append(r.Locations, l)
			}
			continue
		}
		r.Locations = append(r.Locations, l)
	}
}

// CheckLocations is an error if no location tells whether the new CA is spread.
func (r Rotation) CheckLocations(certsFile string) error {
	if len(r.Locations) > 0 {
		return nil
	}
	return hint.With(fmt.Errorf("%s: no target of trust %s is in the cluster, so that nobody can tell whether the new CA is spread", certsFile, r.Trust.Name),
		"add one to its to, such as configmap, or name places")
}
