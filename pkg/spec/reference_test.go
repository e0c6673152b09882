package spec

import (
	"flag"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/doctest"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

var update = flag.Bool("update", false, "rewrite the reference in docs")

// TestReference holds docs/certs-yaml.md to the types that the parser fills.
func TestReference(t *testing.T) {
	doctest.Hold(t, "certs-yaml.md", referenceTables(), *update)
}

func referenceTables() string {
	var b strings.Builder
	for _, s := range []struct {
		title string
		typ   reflect.Type
	}{
		{"The file", reflect.TypeFor[Certs]()},
		{"ingressClasses", reflect.TypeFor[IngressClass]()},
		{"responder", reflect.TypeFor[Responder]()},
		{"issuers", reflect.TypeFor[Issuer]()},
		{"issuers[].private", reflect.TypeFor[Private]()},
		{"issuers[].acme", reflect.TypeFor[ACME]()},
		{"issuers[].acme.dnsPersist", reflect.TypeFor[DNSPersist]()},
		{"issuers[].acme.solvers", reflect.TypeFor[Solver]()},
		{"issuers[].acme.solvers[].http01", reflect.TypeFor[HTTP01]()},
		{"expose", reflect.TypeFor[Expose]()},
		{"expose[].routes", reflect.TypeFor[Route]()},
		{"expose[].gateway", reflect.TypeFor[Gateway]()},
		{"certificates", reflect.TypeFor[Certificate]()},
		{"trust", reflect.TypeFor[Trust]()},
		{"trust[].to", reflect.TypeFor[Targets]()},
		{"trust[].to.trust-manager", reflect.TypeFor[TrustManager]()},
		{"trust[].to.trust-manager.namespaces", reflect.TypeFor[NamespaceSelector]()},
		{"trust[].to.cluster-trust-bundle", reflect.TypeFor[ClusterTrustBundle]()},
		{"trust[].to.configmap", reflect.TypeFor[ConfigMap]()},
		{"trust[].to.openshift", reflect.TypeFor[OpenShift]()},
		{"trust[].to.gke", reflect.TypeFor[GKE]()},
		{"trust[].to.k3s, rke2 and containerd", reflect.TypeFor[Registries]()},
		{"trust[].to.pods", reflect.TypeFor[Pods]()},
		{"environments", reflect.TypeFor[Override]()},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| field | type | |\n|---|---|---|\n", s.title)
		fields := format.FieldsOf(s.typ)
		for _, name := range fields.Names {
			f := fields.ByName[name]
			doc := f.Doc
			if doc == "" {
				doc = "As in cert-manager."
			}
			if f.Required {
				doc = "**Required.** " + doc
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, typeName(f.Type), strings.NewReplacer("|", `\|`, "<", `\<`).Replace(doc))
		}
	}
	return b.String()
}

// typeName is a type as people write it.
func typeName(t reflect.Type) string {
	if p, ok := reflect.New(t).Interface().(strictyaml.Part); ok {
		return "part of " + p.Whole().Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "PEM or base64"
		}
		return "list of " + typeName(t.Elem())
	case reflect.Map:
		return "map to " + typeName(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "number"
	}
	switch t.Name() {
	case "Duration":
		return "duration"
	case "IntOrString":
		return "number or name"
	}
	return t.Name()
}
