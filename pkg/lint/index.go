package lint

import (
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// secretKey names a Secret.
type secretKey struct{ namespace, name string }

// index holds the requests, issuers and Secrets of all objects, by name.
type index struct {
	requests []request
	issuers  []*issuer // of the objects, in order
	byKey    map[plan.IssuerKey]*issuer
	named    map[string][]*issuer            // by name, of any kind and namespace
	secrets  map[string][]secretObject       // by name
	servers  map[secretKey][]manifest.Object // VirtualServers, by their Secret
	wrong    []unreadable
	// hashed are the names of Secrets with a hash suffix of Kustomize, by the name
	// without it.
	hashed map[string]string
}

// secretObject is a Secret, or an object that a controller makes a Secret from.
type secretObject struct {
	id    manifest.ID
	at    int
	clear bool // has values in clear text
}

// unreadable is an object with an invalid request.
type unreadable struct {
	id     manifest.ID
	at     int
	reason string
}

func newIndex(objects []manifest.Object, elsewhere []manifest.Issuer) index {
	x := index{
		byKey: map[plan.IssuerKey]*issuer{}, named: map[string][]*issuer{},
		secrets: map[string][]secretObject{}, servers: map[secretKey][]manifest.Object{}, hashed: map[string]string{},
	}
	for i, o := range objects {
		x.addObject(i, o)
	}
	for _, i := range elsewhere {
		if x.byKey[keyOf(i)] == nil {
			x.addIssuer(newIssuer(i))
		}
	}
	for i := range x.requests {
		r := &x.requests[i]
		if r.issuer = x.find(r.Need); r.issuer != nil && len(r.Certificate.IPAddresses) > 0 {
			r.issuer.addresses = true
		}
	}
	return x
}

func (x *index) addObject(at int, o manifest.Object) {
	id := o.ID()
	x.addSecret(at, o)
	if secret, _ := o.Map("spec", "tls")["secret"].(string); id.Group == "k8s.nginx.org" && id.Kind == "VirtualServer" && secret != "" {
		key := secretKey{id.Namespace, secret}
		x.servers[key] = append(x.servers[key], o)
	}
	needs, needErr := manifest.NeedsOf(o)
	where := &nameFields{object: o}
	for _, n := range needs {
		x.requests = append(x.requests, request{Need: n, object: o, fields: where, by: id, at: at, names: plan.Names(&n.Certificate)})
	}
	issuers, issuerErr := manifest.Issuers([]manifest.Object{o})
	for _, i := range issuers {
		known := newIssuer(i)
		known.secrets, known.at = secretRefs(o.Map("spec"), "spec"), at
		x.issuers = append(x.issuers, known)
		x.addIssuer(known)
	}
	for _, err := range []error{needErr, issuerErr} {
		if err != nil && !hasVariable(map[string]any(o)) {
			x.wrong = append(x.wrong, unreadable{id, at, strings.TrimPrefix(err.Error(), id.String()+": ")})
		}
	}
}

// addSecret adds a Secret, a SealedSecret or an ExternalSecret.
func (x *index) addSecret(at int, o manifest.Object) {
	id := o.ID()
	name := id.Name
	switch {
	case id.Group == "" && id.Kind == "Secret", id.Group == "bitnami.com" && id.Kind == "SealedSecret":
	case id.Group == "external-secrets.io" && id.Kind == "ExternalSecret":
		if target, _ := o.Map("spec", "target")["name"].(string); target != "" {
			name = target
		}
	default:
		return
	}
	clear := id.Kind == "Secret" && hasValue(o)
	x.secrets[name] = append(x.secrets[name], secretObject{id, at, clear})
	if before, isHashed := manifest.CutHash(name); isHashed {
		x.hashed[before] = name
	}
}

// addIssuer adds an issuer that certificates can refer to.
func (x *index) addIssuer(i *issuer) {
	x.byKey[keyOf(i.Issuer)] = i
	x.named[i.Name] = append(x.named[i.Name], i)
}

// find returns the issuer of a request, or nil. An empty namespace matches any,
// because it is set when the manifests are applied.
func (x *index) find(n plan.Need) *issuer {
	ref := n.Certificate.IssuerRef
	if ref.Group != "cert-manager.io" {
		return nil
	}
	key := plan.IssuerOf(n)
	if exact := x.byKey[key]; exact != nil || key.Kind != cm.IssuerKind {
		return exact
	}
	for _, i := range x.named[key.Name] {
		if i.Kind == cm.IssuerKind && (i.Namespace == "" || key.Namespace == "") {
			return i
		}
	}
	return nil
}
