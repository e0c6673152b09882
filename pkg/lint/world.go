package lint

import (
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// world is what the objects say, taken together.
type world struct {
	asked   []asked
	issuers []*issuer // in their order
	byKey   map[run.IssuerKey]*issuer
	named   map[string][]*issuer      // by name, whatever their kind and namespace
	secrets map[string][]secretObject // those in the manifests, by name
	objects map[manifest.ID]manifest.Object
	servers map[secretKey][]manifest.Object // VirtualServers, by their Secret
	wrong   []unreadable
}

// asked is a certificate that an object asks for.
type asked struct {
	plan.Need
	by     manifest.ID
	names  []string
	issuer *issuer // nil where it is not among the objects
}

// issuer is an issuer among the objects.
type issuer struct {
	manifest.Issuer
	id   manifest.ID
	acme spec.ACME // its solvers, to pick from; none where it is no ACME issuer
}

type secretObject struct {
	id    manifest.ID
	empty bool
}

// unreadable is an object that does not say what it wants in a way that anybody
// understands.
type unreadable struct {
	id     manifest.ID
	reason string
}

func newWorld(objects []manifest.Object) world {
	w := world{
		byKey: map[run.IssuerKey]*issuer{}, named: map[string][]*issuer{}, secrets: map[string][]secretObject{},
		objects: map[manifest.ID]manifest.Object{}, servers: map[secretKey][]manifest.Object{},
	}
	for _, o := range objects {
		w.objects[o.ID()] = o
		w.read(o)
	}
	for i := range w.asked {
		w.asked[i].issuer = w.byKey[run.IssuerOf(w.asked[i].Need)]
	}
	return w
}

func (w *world) read(o manifest.Object) {
	id := o.ID()
	if id.Group == "" && id.Kind == "Secret" {
		w.secrets[id.Name] = append(w.secrets[id.Name], secretObject{id, len(o.Map("data"))+len(o.Map("stringData")) == 0})
	}
	if secret, _ := o.Map("spec", "tls")["secret"].(string); id.Group == "k8s.nginx.org" && id.Kind == "VirtualServer" && secret != "" {
		key := secretKey{id.Namespace, secret}
		w.servers[key] = append(w.servers[key], o)
	}
	needs, needErr := manifest.NeedsOf(o)
	for _, n := range needs {
		w.asked = append(w.asked, asked{Need: n, by: id, names: run.Names(&n.Certificate)})
	}
	issuers, issuerErr := manifest.Issuers([]manifest.Object{o})
	for _, i := range issuers {
		w.issuers = append(w.issuers, newIssuer(i, id))
		w.byKey[run.IssuerKey{Kind: i.Kind, Namespace: w.reach(i), Name: i.Name}] = w.issuers[len(w.issuers)-1]
		w.named[i.Name] = append(w.named[i.Name], w.issuers[len(w.issuers)-1])
	}
	for _, err := range []error{needErr, issuerErr} {
		if err != nil {
			w.wrong = append(w.wrong, unreadable{id, strings.TrimPrefix(err.Error(), id.String()+": ")})
		}
	}
}

// reach is the namespace that an issuer serves, "" for all.
func (world) reach(i manifest.Issuer) string {
	if i.Kind == cm.ClusterIssuerKind { // a namespace that a kustomization gave it means nothing
		return ""
	}
	return i.Namespace
}

func newIssuer(i manifest.Issuer, id manifest.ID) *issuer {
	known := &issuer{Issuer: i, id: id}
	if i.Spec.ACME == nil {
		return known
	}
	for _, s := range i.Spec.ACME.Solvers {
		solver := spec.Solver{Selector: s.Selector, DNS01: s.DNS01}
		if s.HTTP01 != nil {
			solver.HTTP01 = &spec.HTTP01{Ingress: s.HTTP01.Ingress, GatewayHTTPRoute: s.HTTP01.GatewayHTTPRoute}
		}
		known.acme.Solvers = append(known.acme.Solvers, solver)
	}
	return known
}
