package lint

import (
	"slices"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// need judges one certificate that is asked for.
func (j *judge) need(a *asked) {
	j.identity(a)
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

// misdirected tells of an issuer that is there, and not where it is asked for.
// Of issuers that are not there at all missingIssuers tells.
func (j *judge) misdirected(a *asked) {
	ref := a.Certificate.IssuerRef
	namesakes := j.named[ref.Name]
	if ref.Group != "cert-manager.io" || len(namesakes) == 0 {
		return
	}
	other := namesakes[0]
	if i := slices.IndexFunc(namesakes, func(i *issuer) bool { return i.Kind == cm.ClusterIssuerKind }); i >= 0 {
		other = namesakes[i]
	}
	where := other.Kind + " " + other.Name
	if other.Kind == cm.IssuerKind {
		where = "Issuer " + other.Namespace + "/" + other.Name
	}
	j.say("C102", a.by, a.issuerField(), "asks for %s, and here is %s", run.IssuerOf(a.Need), where)
}

// missingIssuers notes each issuer that is asked for and not there, once.
func (j *judge) missingIssuers() {
	asking := map[run.IssuerKey]int{}
	var keys []run.IssuerKey
	for _, a := range j.asked {
		key := run.IssuerOf(a.Need)
		if a.issuer != nil || len(j.named[key.Name]) > 0 || a.Certificate.IssuerRef.Group != "cert-manager.io" {
			continue
		}
		if asking[key]++; asking[key] == 1 {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		id := manifest.ID{Group: "cert-manager.io", Kind: key.Kind, Namespace: key.Namespace, Name: key.Name}
		j.say("C103", id, "", "is not among these manifests, so what %s of it was not judged", askers(asking[key]))
	}
}

func askers(n int) string {
	if n == 1 {
		return "one object asks"
	}
	return plural(n, "object") + " ask"
}
