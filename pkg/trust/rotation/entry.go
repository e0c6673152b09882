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

// EntryIn is the entry of trust that a rotation names, in one environment of
// certs.yaml.
type EntryIn struct {
	Environment string
	Roots       []cabundle.Entry // of the files that it reads
	FromIssuers []string
}

// EntryCheck is the input of CheckEntry besides the entries.
type EntryCheck struct {
	File, CertsFile string // the rotation's file and certs.yaml, for messages
	Environment     string // of the rotation
	Old             []*x509.Certificate
	IsBundle        func(source string) bool // whether a source is the bundle of the rotation
}

// CheckEntry returns what is wrong with the entry of trust that a rotation names:
// it does not read the bundle, or has an old CA from another file. Warnings are
// about other environments, and about issuers that the entry follows.
func (r Rotation) CheckEntry(c EntryCheck, entries []EntryIn) (warnings []string, err error) {
	found := false
	var wrong []error
	for _, e := range entries {
		reads := slices.ContainsFunc(e.Roots, func(root cabundle.Entry) bool { return c.IsBundle(root.Position.Source) })
		if e.Environment != c.Environment {
			if reads {
				warnings = append(warnings, fmt.Sprintf("environment %s also trusts %s; check its cluster before you remove a CA", e.Environment, r.Bundle))
			}
			continue
		}
		found = true
		wrong = append(wrong, r.oldElsewhere(c, e)...)
		if !reads {
			wrong = append(wrong, fmt.Errorf("%s: trust %s does not read %s; list the file under from", c.CertsFile, r.Trust.Name, r.Bundle))
		}
		if len(e.FromIssuers) > 0 {
			warnings = append(warnings, fmt.Sprintf("trust %s also has the roots of %s (fromIssuers), which a rotation cannot remove", r.Trust.Name, strings.Join(e.FromIssuers, ", ")))
		}
	}
	if !found {
		wrong = append(wrong, fmt.Errorf("%s: no trust named %s, but %s refers to it", c.CertsFile, r.Trust.Name, c.File))
	}
	return warnings, problem.Join(wrong...)
}

// oldElsewhere returns an error for each old CA that is also in another file.
func (r Rotation) oldElsewhere(c EntryCheck, e EntryIn) []error {
	var wrong []error
	for _, root := range e.Roots {
		if !c.IsBundle(root.Position.Source) && pki.Contains(c.Old, root.Cert) {
			wrong = append(wrong, fmt.Errorf("%s: trust %s also has %s from %s, but the rotation removes it from %s only",
				c.CertsFile, r.Trust.Name, pki.Name(root.Cert.Subject), root.Position.Source, r.Bundle))
		}
	}
	return wrong
}

// AddTargets adds the targets of an entry of trust to the locations. A target
// without a namespace means all namespaces. A component counts only in the
// namespaces of the workloads, if they are set.
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

// CheckLocations returns an error if a rotation has no location in the cluster.
func (r Rotation) CheckLocations(certsFile string) error {
	if len(r.Locations) > 0 {
		return nil
	}
	return hint.With(fmt.Errorf("%s: trust %s has no target in the cluster, so whether the new CA is distributed cannot be checked", certsFile, r.Trust.Name),
		"add a target under to, such as configmap, or set locations in the rotation file")
}
