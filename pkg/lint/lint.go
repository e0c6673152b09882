package lint

import (
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Check checks all objects of one environment together, as of a time. Findings
// that an object allows with v1alpha1.AllowAnnotation are notes. Values that are
// encrypted or filled in later are skipped. Objects may also refer to the issuers
// in elsewhere, which are not checked. Findings are sorted by object and field.
func Check(objects []manifest.Object, elsewhere []manifest.Issuer, now time.Time) []Finding {
	l := &linter{now: now, allowed: map[int][]string{}, index: newIndex(objects, elsewhere)}
	for i, o := range objects {
		if ids := plan.Allowed(o.Annotations()); len(ids) > 0 {
			l.allowed[i] = ids
		}
	}
	for i, o := range objects {
		l.at = i
		l.object(o)
	}
	for i := range l.requests {
		l.at = l.requests[i].at
		l.certificate(&l.requests[i])
	}
	for _, i := range l.issuers {
		l.at = i.at
		l.issuer(i)
	}
	l.together()
	slices.SortStableFunc(l.found, compare)
	return slices.Compact(l.found)
}

// object checks a single object.
func (l *linter) object(o manifest.Object) {
	l.unknownAllowed(o)
	l.version(o)
	l.fields(o)
	l.annotations(o)
	l.scope(o)
	l.keys(o)
	l.caBundles(o)
	switch id := o.ID(); {
	case id.Kind == "Ingress" && id.Group == "networking.k8s.io":
		l.ingress(o)
	case id.Kind == "Gateway" && id.Group == "gateway.networking.k8s.io":
		l.gateway(o)
	}
}

// certificate checks one requested certificate.
func (l *linter) certificate(r *request) {
	l.identity(r)
	l.bounds(r)
	if r.issuer == nil {
		l.misdirected(r)
		return
	}
	if acme := r.issuer.Spec.ACME; acme != nil {
		l.acmeIdentity(r)
		l.challenges(r)
		l.lifetime(r)
		if isLetsEncrypt(acme.Server) {
			l.letsEncrypt(r)
		}
	}
}

// together checks all objects together.
func (l *linter) together() {
	l.missingIssuers()
	for _, w := range l.wrong {
		l.at = w.at
		l.report("C120", w.id, "", "%s", w.reason)
	}
	l.duplicateSecrets()
	l.credentials()
	l.limits()
}
