package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// TestEveryField sets all fields of cert-manager's issuers and certificates at
// once and wants the decoder to take in every one of them. Rules between
// fields do not count here.
func TestEveryField(t *testing.T) {
	config, wanted := everything(t)
	doc, err := json.Marshal(map[string]any{
		"apiVersion": v1alpha1.APIVersion, "kind": v1alpha1.Kind,
		"issuers":      []any{with(config, "name", "all")},
		"certificates": []any{with(without(wanted, "issuerRef"), "name", "all", "issuer", "all")},
	})
	if err != nil {
		t.Fatal(err)
	}
	certs, problems := decoded(t, doc)
	if len(problems) > 0 {
		t.Fatalf("%v\n%s", problems, doc)
	}
	same(t, with(config, "name", "all"), certs.Issuers[0])
	same(t, with(without(wanted, "issuerRef"), "name", "all", "issuer", "all"), certs.Certificates[0])
}

func everything(t *testing.T) (config, wanted map[string]any) {
	t.Helper()
	var p populator
	var c cm.IssuerConfig
	p.fill(reflect.ValueOf(&c).Elem(), "")
	var w cm.CertificateSpec
	p.fill(reflect.ValueOf(&w).Elem(), "")
	return generic(t, c), generic(t, w)
}

// TestEveryValidField sets all fields in files that hold to the rules, one
// alternative in every file, and wants the whole parser to take them in. What
// the files set together must be everything there is.
func TestEveryValidField(t *testing.T) {
	p := populator{turn: map[reflect.Type]int{}}
	set := map[string]bool{}
	for range 200 {
		var c cm.IssuerConfig
		p.fill(reflect.ValueOf(&c).Elem(), "")
		var w cm.CertificateSpec
		p.fill(reflect.ValueOf(&w).Elem(), "")
		config, wanted := prune(generic(t, c)).(map[string]any), prune(generic(t, w)).(map[string]any)
		flatten("issuer", config, set)
		flatten("certificate", wanted, set)
		config = with(config, "name", "all")
		wanted = with(without(wanted, "issuerRef"), "name", "all", "issuer", "any")
		doc, err := json.Marshal(map[string]any{
			"apiVersion": v1alpha1.APIVersion, "kind": v1alpha1.Kind,
			"issuers":      []any{config, map[string]any{"name": "any", "existing": true}},
			"certificates": []any{wanted},
		})
		if err != nil {
			t.Fatal(err)
		}
		certs := parsed(t, string(doc)).Base
		certs.Issuers[0].Kind, certs.Issuers[0].Group = "", "" // defaults
		same(t, config, certs.Issuers[0])
		same(t, wanted, certs.Certificates[0])
	}
	config, wanted := everything(t)
	all := map[string]bool{}
	flatten("issuer", config, all)
	flatten("certificate", wanted, all)
	delete(all, "certificate.keystores.jks.password") // refused
	delete(all, "certificate.keystores.pkcs12.password")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(all)), slices.Sorted(maps.Keys(set))); diff != "" {
		t.Errorf("fields that no valid file sets (-all +set):\n%s", diff)
	}
}

// same compares what a file says with what was read from it.
func same(t *testing.T, want map[string]any, got any) {
	t.Helper()
	if diff := cmp.Diff(prune(want), prune(without(generic(t, got), "issuerRef"))); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

// decoded reads a file without the rules between fields.
func decoded(t testing.TB, doc []byte) (v1alpha1.Certs, []problem.Problem) {
	t.Helper()
	root, problem := strictyaml.Document(nil, doc, v1alpha1.APIVersion)
	if problem != nil {
		t.Fatalf("%v\n%s", problem, doc)
	}
	d := schema.Format.NewDecoder(strictyaml.BudgetFor(doc))
	var certs v1alpha1.Certs
	d.Decode(root, nil, reflect.ValueOf(&certs).Elem())
	return certs, d.List
}

func generic(t testing.TB, v any) map[string]any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func with(m map[string]any, keysAndValues ...any) map[string]any {
	m = maps.Clone(m)
	for i := 0; i < len(keysAndValues); i += 2 {
		m[keysAndValues[i].(string)] = keysAndValues[i+1]
	}
	return m
}

func without(m map[string]any, key string) map[string]any {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

// prune drops what Go writes for fields that are not set.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			if kept := prune(value); !isZero(kept) {
				m[key] = kept
			}
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = prune(v[i])
		}
		return list
	}
	return v
}

func isZero(v any) bool {
	m, isMap := v.(map[string]any)
	return v == nil || v == "" || v == false || isMap && len(m) == 0
}

// flatten notes the places of all single values.
func flatten(at string, v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			flatten(at+"."+key, value, into)
		}
	case []any:
		for _, value := range v {
			flatten(at+"[]", value, into)
		}
	case nil:
	default:
		into[at] = true
	}
	if fmt.Sprint(v) == "[]" || fmt.Sprint(v) == "map[]" {
		into[at] = true
	}
}
