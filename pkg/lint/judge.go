package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// Judge weighs the objects of one environment, all of them together, as of a
// time. What an object's annotation plan.AllowAnnotation names is a note. Objects
// that SOPS encrypted are passed over. The findings come in the order of
// objects, and of fields within one.
func Judge(objects []manifest.Object, now time.Time) []Finding {
	objects = slices.DeleteFunc(slices.Clone(objects), isEncrypted)
	j := &judge{now: now, allowed: map[manifest.ID][]string{}, world: newWorld(objects)}
	for _, o := range objects {
		if ids := allowedBy(o); len(ids) > 0 {
			j.allowed[o.ID()] = ids
		}
	}
	for _, o := range objects {
		j.object(o)
	}
	for i := range j.asked {
		j.need(&j.asked[i])
	}
	for _, i := range j.issuers {
		j.issuer(i)
	}
	j.together()
	slices.SortStableFunc(j.found, compare)
	return slices.Compact(j.found)
}

func allowedBy(o manifest.Object) []string {
	var ids []string
	for id := range strings.SplitSeq(o.Annotations()[plan.AllowAnnotation], ",") {
		if id = strings.TrimSpace(id); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// isEncrypted reports whether the values of an object are SOPS's.
func isEncrypted(o manifest.Object) bool { return len(o.Map("sops")) > 0 }

type judge struct {
	world
	now     time.Time
	allowed map[manifest.ID][]string
	found   []Finding
}

// say notes a finding of one of our rules.
func (j *judge) say(id string, about manifest.ID, field, format string, args ...any) {
	rule, _ := RuleOf(id)
	j.add(Finding{ID: id, Severity: rule.Severity, Object: about, Field: field, Reason: fmt.Sprintf(format, args...), Fix: rule.Fix})
}

func (j *judge) add(f Finding) {
	if slices.Contains(j.allowed[f.Object], f.ID) {
		f.Severity = trust.Note
	}
	j.found = append(j.found, f)
}

// object judges what one object alone shows.
func (j *judge) object(o manifest.Object) {
	j.unknownAllowed(o)
	j.fields(o)
	j.annotations(o)
	j.scope(o)
	j.keys(o)
	j.bundles(o)
	switch o.Kind() {
	case "Ingress":
		j.ingress(o)
	case "Gateway":
		j.gateway(o)
	}
}
