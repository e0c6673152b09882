package validation

import (
	"encoding/json"
	"reflect"
	"slices"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// keyHasDefault are the Secret references for which cert-manager has a default
// key, such as token or ca.crt (internal/vault, pkg/issuer/venafi/client).
var keyHasDefault = map[reflect.Type][]string{
	reflect.TypeFor[cm.VaultIssuer]():         {"caBundleSecretRef", "clientCertSecretRef", "clientKeySecretRef"},
	reflect.TypeFor[cm.VaultAuth]():           {"tokenSecretRef"},
	reflect.TypeFor[cm.VaultKubernetesAuth](): {"secretRef"},
	reflect.TypeFor[cm.VenafiCloud]():         {"apiTokenSecretRef"},
	reflect.TypeFor[cm.VenafiTPP]():           {"caBundleSecretRef"},
}

// references checks every Secret selector below a value: cert-manager needs its
// name and its key.
func (c *checker) references(at *strictyaml.Path, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.references(at, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.references(at.Item(i), v.Index(i))
		}
	case reflect.Struct:
		c.referencesOf(at, v)
	}
}

func (c *checker) referencesOf(at *strictyaml.Path, v reflect.Value) {
	switch ref := v.Interface().(type) {
	case cmmeta.SecretKeySelector:
		c.name(at.At("name"), ref.Name)
		return
	case cmmeta.LocalObjectReference:
		c.name(at.At("name"), ref.Name)
		return
	}
	if reflect.PointerTo(v.Type()).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return // a quantity or a duration
	}
	fields := schema.Format.FieldsOf(v.Type())
	for _, name := range fields.Names {
		field := v.FieldByIndex(fields.ByName[name].Index)
		if ref, ok := secretRef(field); ok && ref.Key == "" && !slices.Contains(keyHasDefault[v.Type()], name) {
			if ref.Name != "" || at.At(name).IsGiven(c.root) {
				c.bad(at.At(name).At("key"), "required: the key in the Secret")
			}
		}
		c.references(at.At(name), field)
	}
}

func secretRef(v reflect.Value) (cmmeta.SecretKeySelector, bool) {
	if v = reflect.Indirect(v); !v.IsValid() {
		return cmmeta.SecretKeySelector{}, false
	}
	ref, ok := v.Interface().(cmmeta.SecretKeySelector)
	return ref, ok
}
