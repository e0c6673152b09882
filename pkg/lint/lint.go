package lint

import (
	"slices"
	"time"

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

// need judges one certificate that is asked for.
func (j *judge) need(a *asked) {
	j.identity(a)
	j.bounds(a)
	if a.issuer == nil {
		j.misdirected(a)
		return
	}
	if acme := a.issuer.Spec.ACME; acme != nil {
		j.acmeIdentity(a)
		j.proof(a)
		j.lifetime(a)
		if isLetsEncrypt(acme.Server) {
			j.letsEncrypt(a)
		}
	}
}

// together judges what only all objects show.
func (j *judge) together() {
	j.missingIssuers()
	for _, w := range j.wrong {
		j.at = w.at
		j.say("C120", w.id, "", "%s", w.reason)
	}
	j.secretsTwice()
	j.credentials()
	j.limits()
}
