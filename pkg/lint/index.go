package lint

import (
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// secretKey names a Secret.
type secretKey struct{ namespace, name string }

// world is what the objects say, taken together.
type world struct {
	asked   []asked
	issuers []*issuer // those to be judged, in their order
	byKey   map[plan.IssuerKey]*issuer
	named   map[string][]*issuer            // by name, whatever their kind and namespace
	secrets map[string][]secretObject       // those in the manifests, by name
	servers map[secretKey][]manifest.Object // VirtualServers, by their Secret
	wrong   []unreadable
	// hashed are the names of Secrets that have a hash of Kustomize's, by the name
	// without it.
	hashed map[string]string
}

// secretObject is a Secret, or what becomes one.
type secretObject struct {
	id    manifest.ID
	at    int
	clear bool // its values are there for everybody to read
}

// unreadable is an object that does not say what it wants in a way that anybody
// understands.
type unreadable struct {
	id     manifest.ID
	at     int
	reason string
}

func newWorld(objects []manifest.Object, elsewhere []manifest.Issuer) world {
	w := world{
		byKey: map[plan.IssuerKey]*issuer{}, named: map[string][]*issuer{},
		secrets: map[string][]secretObject{}, servers: map[secretKey][]manifest.Object{}, hashed: map[string]string{},
	}
	for i, o := range objects {
		w.read(i, o)
	}
	for _, i := range elsewhere {
		if w.byKey[keyOf(i)] == nil {
			w.know(newIssuer(i))
		}
	}
	for i := range w.asked {
		a := &w.asked[i]
		if a.issuer = w.find(a.Need); a.issuer != nil && len(a.Certificate.IPAddresses) > 0 {
			a.issuer.addresses = true
		}
	}
	return w
}

func (w *world) read(at int, o manifest.Object) {
	id := o.ID()
	w.secret(at, o)
	if secret, _ := o.Map("spec", "tls")["secret"].(string); id.Group == "k8s.nginx.org" && id.Kind == "VirtualServer" && secret != "" {
		key := secretKey{id.Namespace, secret}
		w.servers[key] = append(w.servers[key], o)
	}
	needs, needErr := manifest.NeedsOf(o)
	where := &places{object: o}
	for _, n := range needs {
		w.asked = append(w.asked, asked{Need: n, object: o, places: where, by: id, at: at, names: plan.Names(&n.Certificate)})
	}
	issuers, issuerErr := manifest.Issuers([]manifest.Object{o})
	for _, i := range issuers {
		known := newIssuer(i)
		known.secrets, known.at = secretRefs(o.Map("spec"), "spec"), at
		w.issuers = append(w.issuers, known)
		w.know(known)
	}
	for _, err := range []error{needErr, issuerErr} {
		if err != nil && !hasVariable(map[string]any(o)) {
			w.wrong = append(w.wrong, unreadable{id, at, strings.TrimPrefix(err.Error(), id.String()+": ")})
		}
	}
}

// secret notes what is a Secret or becomes one: by Sealed Secrets, or the
// External Secrets Operator.
func (w *world) secret(at int, o manifest.Object) {
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
	w.secrets[name] = append(w.secrets[name], secretObject{id, at, clear})
	if before, isHashed := manifest.CutHash(name); isHashed {
		w.hashed[before] = name
	}
}

// know makes an issuer one that can be asked.
func (w *world) know(i *issuer) {
	w.byKey[keyOf(i.Issuer)] = i
	w.named[i.Name] = append(w.named[i.Name], i)
}

// find returns the issuer that a need is for, nil where it is not known. A
// namespace that is left to whoever applies the manifests may be any.
func (w *world) find(n plan.Need) *issuer {
	ref := n.Certificate.IssuerRef
	if ref.Group != "cert-manager.io" {
		return nil
	}
	key := plan.IssuerOf(n)
	if exact := w.byKey[key]; exact != nil || key.Kind != cm.IssuerKind {
		return exact
	}
	for _, i := range w.named[key.Name] {
		if i.Kind == cm.IssuerKind && (i.Namespace == "" || key.Namespace == "") {
			return i
		}
	}
	return nil
}
