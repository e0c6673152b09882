package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Judge weighs the objects of one environment, all of them together, as of a
// time. What an object's annotation v1alpha1.AllowAnnotation names is a note. Values
// that are encrypted or filled in later are passed over. Issuers elsewhere are
// whom objects may ask besides; they are not judged. The findings come in the
// order of objects by name, and of fields within one.
func Judge(objects []manifest.Object, elsewhere []manifest.Issuer, now time.Time) []Finding {
	j := &judge{now: now, allowed: map[int][]string{}, world: newWorld(objects, elsewhere)}
	for i, o := range objects {
		if ids := plan.Allowed(o.Annotations()); len(ids) > 0 {
			j.allowed[i] = ids
		}
	}
	for i, o := range objects {
		j.at = i
		j.object(o)
	}
	for i := range j.asked {
		j.at = j.asked[i].at
		j.need(&j.asked[i])
	}
	for _, i := range j.issuers {
		j.at = i.at
		j.issuer(i)
	}
	j.together()
	slices.SortStableFunc(j.found, compare)
	return slices.Compact(j.found)
}

type judge struct {
	world
	now     time.Time
	at      int              // the object that is judged
	allowed map[int][]string // by object
	found   []Finding
}

// say notes a finding of one of our rules, about the object that is judged or
// what it refers to. About a value that is filled in later there is nothing to
// say.
func (j *judge) say(id string, about manifest.ID, field, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if isVariable(reason) {
		return
	}
	rule, _ := RuleOf(id)
	j.add(Finding{Finding: finding.Finding{
		ID: id, Severity: rule.Severity, Position: finding.Position{Field: field}, Object: finding.Object(about), Reason: reason, Fix: rule.Fix,
	}})
}

func (j *judge) add(f Finding) {
	f.Index = j.at
	if slices.Contains(j.allowed[j.at], f.ID) {
		f.Severity = finding.Note
	}
	j.found = append(j.found, f)
}

// object judges what one object alone shows.
func (j *judge) object(o manifest.Object) {
	j.unknownAllowed(o)
	j.version(o)
	j.fields(o)
	j.annotations(o)
	j.scope(o)
	j.keys(o)
	j.bundles(o)
	switch id := o.ID(); {
	case id.Kind == "Ingress" && id.Group == "networking.k8s.io":
		j.ingress(o)
	case id.Kind == "Gateway" && id.Group == "gateway.networking.k8s.io":
		j.gateway(o)
	}
}
