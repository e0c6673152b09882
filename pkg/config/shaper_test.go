package config

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
)

// shaper makes up files of the parser's fields and of few words.
type shaper struct{ *rand.Rand }

func (s *shaper) oneOf(words ...string) string { return words[s.IntN(len(words))] }

// certs is a file that may be valid: its lists hold what most rules are about.
func (s *shaper) certs() map[string]any {
	c := map[string]any{"apiVersion": v1alpha1.APIVersion, "kind": v1alpha1.Kind, "issuers": []any{s.issuer("a"), s.issuer("b")}}
	if s.IntN(3) == 0 {
		c["responder"] = s.value(reflect.TypeFor[v1alpha1.Responder](), 0)
	}
	list := func(key string, n int, entry func() map[string]any) {
		var entries []any
		for range n {
			entries = append(entries, entry())
		}
		if n > 0 {
			c[key] = entries
		}
	}
	list("expose", s.IntN(4), s.expose)
	list("certificates", s.IntN(2), func() map[string]any {
		return s.also(map[string]any{"name": s.oneOf("a", "b"), "issuer": s.oneOf("a", "b"), "dnsNames": []any{s.host()}}, reflect.TypeFor[v1alpha1.Certificate]())
	})
	list("trust", s.IntN(2), func() map[string]any {
		if s.IntN(3) == 0 {
			to := map[string]any{"trust-manager": map[string]any{"trustNamespace": s.oneOf("cert-manager", "x")}}
			return map[string]any{"name": s.oneOf("a", "b"), "fromIssuers": []any{s.oneOf("a", "b")}, "to": to}
		}
		to := s.also(map[string]any{}, reflect.TypeFor[v1alpha1.Targets]())
		return map[string]any{"name": s.oneOf("a", "b"), "from": []any{"ca.pem"}, "to": to}
	})
	names := []string{"dev", "prod", "dev-2"}
	list("environments", s.IntN(3), func() map[string]any {
		o := map[string]any{"name": names[0]}
		names = names[1:]
		if s.IntN(2) == 0 {
			o["hosts"] = map[string]any{s.oneOf("example.com", "a.example.com"): s.oneOf("example.org", "dev.example.com", "*.example.com")}
		}
		if s.IntN(2) == 0 {
			o["className"] = s.oneOf("nginx", "traefik")
		}
		if s.IntN(3) == 0 {
			o["responder"] = s.value(reflect.TypeFor[v1alpha1.Responder](), 0)
		}
		for _, list := range []struct {
			key string
			typ reflect.Type
		}{{"issuers", reflect.TypeFor[v1alpha1.Issuer]()}, {"expose", reflect.TypeFor[v1alpha1.Expose]()}, {"certificates", reflect.TypeFor[v1alpha1.Certificate]()}, {"trust", reflect.TypeFor[v1alpha1.Trust]()}} {
			if _, there := c[list.key]; there && s.IntN(2) == 0 {
				o[list.key] = map[string]any{s.oneOf("a", "b", "x/a"): s.also(map[string]any{}, list.typ)}
			}
		}
		return o
	})
	return c
}

func (s *shaper) issuer(name string) map[string]any {
	i := map[string]any{"name": name}
	if s.IntN(3) == 0 {
		i["namespace"] = "x"
	}
	switch s.IntN(5) {
	case 0:
		i["selfSigned"] = map[string]any{}
	case 1:
		i["existing"] = true
	case 2:
		i["private"] = s.also(map[string]any{"commonName": "a"}, reflect.TypeFor[v1alpha1.Private]())
	default:
		acme := map[string]any{"server": "letsencrypt", "solvers": []any{s.solver(), s.solver()}}
		if s.IntN(4) == 0 {
			acme["dnsPersist"] = map[string]any{"accountURI": "https://acme-v02.api.letsencrypt.org/a", "emit": s.oneOf("external-dns", "none")}
		}
		i["acme"] = acme
	}
	return i
}

func (s *shaper) solver() map[string]any {
	v := map[string]any{}
	switch s.IntN(4) {
	case 0:
		v["dns01"] = map[string]any{"cloudDNS": map[string]any{"project": "a"}}
	case 1:
		v["http01"] = map[string]any{s.oneOf("ingressClassName", "class"): "nginx"}
	case 2:
		v["http01"] = map[string]any{s.oneOf("ingress", "gatewayHTTPRoute"): map[string]any{}}
	default:
		v["http01"] = map[string]any{}
	}
	if s.IntN(2) == 0 {
		v["selector"] = s.value(reflect.TypeFor[v1alpha1.Solver]().Field(0).Type, 2)
	}
	return v
}

func (s *shaper) expose() map[string]any {
	e := map[string]any{
		"name": s.oneOf("a", "b", "c"), "issuer": s.oneOf("a", "b"), "as": s.oneOf("Ingress", "Ingress", "VirtualServer", "HTTPRoute"),
		"routes": []any{map[string]any{"path": "/", "service": "a", "port": 80}}, "secretName": s.oneOf("a", "b", "c", "d"),
	}
	if s.IntN(2) == 0 {
		e["host"] = s.host()
	} else {
		e["hosts"] = []any{s.host(), s.host()}
	}
	if e["as"] == "HTTPRoute" {
		e["gateway"] = map[string]any{"name": s.oneOf("a", "b"), "className": "c"}
	}
	if s.IntN(3) > 0 {
		return e
	}
	return s.also(e, reflect.TypeFor[v1alpha1.Expose]())
}

func (s *shaper) host() string {
	return s.oneOf("", "*.") + s.oneOf("a.", "b.", "") + s.oneOf("example.com", "example.org")
}

// also sets one or two fields of a type besides.
func (s *shaper) also(m map[string]any, t reflect.Type) map[string]any {
	fields := schema.Format.FieldsOf(t)
	for range 1 + s.IntN(2) {
		name := fields.Names[s.IntN(len(fields.Names))]
		m[name] = s.value(fields.ByName[name].Type, 0)
	}
	return m
}

// value is of the right shape most of the time.
func (s *shaper) value(t reflect.Type, depth int) any {
	if s.IntN(40) == 0 {
		return []any{nil, 1, "a", []any{}, map[string]any{}}[s.IntN(5)]
	}
	switch t {
	case reflect.TypeFor[metav1.Duration]():
		return s.oneOf("1h", "24h", "5m")
	case reflect.TypeFor[intstr.IntOrString]():
		return 1 + s.IntN(3)
	case reflect.TypeFor[[]byte]():
		return "bm8="
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return "1"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.value(t.Elem(), depth)
	case reflect.Struct:
		m := map[string]any{}
		for _, name := range schema.Format.FieldsOf(t).Names {
			f := schema.Format.FieldsOf(t).ByName[name]
			if f.Required || s.IntN(3+depth*2) == 0 {
				m[name] = s.value(f.Type, depth+1)
			}
		}
		return m
	case reflect.Slice:
		return []any{s.value(t.Elem(), depth+1)}
	case reflect.Map:
		return map[string]any{s.oneOf("a", "b"): s.value(t.Elem(), depth+1)}
	case reflect.Bool:
		return s.IntN(2) == 0
	case reflect.String:
		if allowed := schema.Format.Words[t]; allowed != nil {
			return s.oneOf(allowed...)
		}
		return s.oneOf("a", "b", "nginx", "a.example.com", "example.com", "*.example.com", "")
	}
	return s.IntN(100)
}
