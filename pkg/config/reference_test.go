package config

import (
	"flag"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
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
		{"The file", reflect.TypeFor[v1alpha1.Certs]()},
		{"ingressClasses", reflect.TypeFor[v1alpha1.IngressClass]()},
		{"responder", reflect.TypeFor[v1alpha1.Responder]()},
		{"issuers", reflect.TypeFor[v1alpha1.Issuer]()},
		{"issuers[].private", reflect.TypeFor[v1alpha1.Private]()},
		{"issuers[].acme", reflect.TypeFor[v1alpha1.ACME]()},
		{"issuers[].acme.dnsPersist", reflect.TypeFor[v1alpha1.DNSPersist]()},
		{"issuers[].acme.solvers", reflect.TypeFor[v1alpha1.Solver]()},
		{"issuers[].acme.solvers[].http01", reflect.TypeFor[v1alpha1.HTTP01]()},
		{"expose", reflect.TypeFor[v1alpha1.Expose]()},
		{"expose[].routes", reflect.TypeFor[v1alpha1.Route]()},
		{"expose[].gateway", reflect.TypeFor[v1alpha1.Gateway]()},
		{"certificates", reflect.TypeFor[v1alpha1.Certificate]()},
		{"trust", reflect.TypeFor[v1alpha1.Trust]()},
		{"trust[].to", reflect.TypeFor[v1alpha1.Targets]()},
		{"trust[].to.trust-manager", reflect.TypeFor[v1alpha1.TrustManager]()},
		{"trust[].to.trust-manager.namespaces", reflect.TypeFor[v1alpha1.NamespaceSelector]()},
		{"trust[].to.cluster-trust-bundle", reflect.TypeFor[v1alpha1.ClusterTrustBundle]()},
		{"trust[].to.configmap", reflect.TypeFor[v1alpha1.ConfigMap]()},
		{"trust[].to.openshift", reflect.TypeFor[v1alpha1.OpenShift]()},
		{"trust[].to.gke", reflect.TypeFor[v1alpha1.GKE]()},
		{"trust[].to.k3s, rke2 and containerd", reflect.TypeFor[v1alpha1.Registries]()},
		{"trust[].to.pods", reflect.TypeFor[v1alpha1.Pods]()},
		{"environments", reflect.TypeFor[v1alpha1.Override]()},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| field | type | |\n|---|---|---|\n", s.title)
		fields := schema.Format.FieldsOf(s.typ)
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
