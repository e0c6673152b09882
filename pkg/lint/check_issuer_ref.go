package lint

import (
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// misdirected tells of a reference that leads nowhere: to a kind or group that
// nobody serves, or to an issuer that is there, and not where it is asked for.
// Of issuers that are not there at all missingIssuers tells.
func (j *judge) misdirected(a *asked) {
	ref, field := a.Certificate.IssuerRef, a.issuerField()
	ours := ref.Kind == cm.IssuerKind || ref.Kind == cm.ClusterIssuerKind
	switch {
	case ref.Name == "":
		j.say("C120", a.by, field, "names no issuer")
	case strings.HasPrefix(ref.Group, "cert-manager.io/"):
		j.say("C102", a.by, field, "has the group %q, and that of cert-manager's own is cert-manager.io", ref.Group)
	case ref.Group != "cert-manager.io":
	case !ours:
		j.say("C102", a.by, field, "asks for %s %s without its group, and cert-manager.io has no such kind", article(ref.Kind), ref.Kind)
	case len(j.named[ref.Name]) > 0:
		other := j.named[ref.Name][0]
		if i := slices.IndexFunc(j.named[ref.Name], func(i *issuer) bool { return i.Kind == cm.ClusterIssuerKind }); i >= 0 {
			other = j.named[ref.Name][i]
		}
		j.say("C102", a.by, field, "asks for %s, and here is %s", plan.IssuerOf(a.Need), keyOf(other.Issuer))
	}
}

// missingIssuers notes each issuer that is asked for and not there, once.
func (j *judge) missingIssuers() {
	asking := map[plan.IssuerKey][]*asked{}
	var keys []plan.IssuerKey
	for i := range j.asked {
		a := &j.asked[i]
		key := plan.IssuerOf(a.Need)
		ours := a.Certificate.IssuerRef.Group == "cert-manager.io" && (key.Kind == cm.IssuerKind || key.Kind == cm.ClusterIssuerKind)
		if a.issuer != nil || len(j.named[key.Name]) > 0 || !ours || key.Name == "" || isVariable(key.Name) {
			continue
		}
		if len(asking[key]) == 0 {
			keys = append(keys, key)
		}
		asking[key] = append(asking[key], a)
	}
	for _, key := range keys {
		id := manifest.ID{Group: "cert-manager.io", Kind: key.Kind, Namespace: key.Namespace, Name: key.Name}
		j.at = asking[key][0].at
		j.say("C103", id, "", "is not among these manifests, so what %s of it was not judged", askers(len(asking[key])))
	}
}

func askers(n int) string {
	if n == 1 {
		return "one object asks"
	}
	return phrase.Count(n, "object") + " ask"
}
