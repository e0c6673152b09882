package schema

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// JSON returns the JSON Schema (draft 2020-12) of certs.yaml for editors. It is
// derived from the types that the parser fills. It does not have the rules
// between fields, which only the parser checks.
func JSON() []byte {
	w := schemaWriter{defs: map[string]any{}}
	root := w.schema(reflect.TypeFor[v1alpha1.Certs](), false)
	properties := w.defs["Certs"].(map[string]any)["properties"].(map[string]any)
	properties["apiVersion"].(map[string]any)["const"] = v1alpha1.APIVersion
	properties["kind"].(map[string]any)["const"] = v1alpha1.Kind
	doc := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "https://kubectl-certs.dev/schema/v1alpha1.json",
		"title":   "certs.yaml of kubectl certs",
		"$ref":    root["$ref"],
		"$defs":   w.defs,
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic("schema: " + err.Error()) // it has only maps and strings
	}
	return append(text, '\n')
}

type schemaWriter struct{ defs map[string]any }

// schema describes a type. In a partial one, an override, no field is required
// and null removes.
func (w *schemaWriter) schema(t reflect.Type, partial bool) map[string]any {
	switch t {
	case reflect.TypeFor[metav1.Duration]():
		return map[string]any{"type": "string", "pattern": durationPattern}
	case reflect.TypeFor[intstr.IntOrString]():
		return map[string]any{"type": []string{"integer", "string"}, "minimum": math.MinInt32, "maximum": math.MaxInt32}
	case reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "minLength": 1}
	}
	if p, ok := reflect.New(t).Interface().(strictyaml.Part); ok {
		return w.schema(p.Whole(), true)
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return freeForm(t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.schema(t.Elem(), partial)
	case reflect.Struct:
		return w.reference(t, partial)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": w.schema(t.Elem(), false)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": orNull(w.schema(t.Elem(), partial), partial)}
	case reflect.String:
		if words := allowed[t]; words != nil {
			return map[string]any{"type": "string", "enum": words}
		}
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int32:
		return map[string]any{"type": "integer", "minimum": math.MinInt32, "maximum": math.MaxInt32}
	}
	return map[string]any{"type": "integer"}
}

// The forms that time.ParseDuration and resource.ParseQuantity read.
const (
	durationPattern = `^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`
	quantityPattern = `^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$`
)

// freeForm describes types with their own JSON decoding: quantities and raw
// JSON.
func freeForm(t reflect.Type) map[string]any {
	if t.Name() == "Quantity" {
		return map[string]any{"type": []string{"string", "number"}, "pattern": quantityPattern}
	}
	return map[string]any{"type": []string{"object", "array", "string", "number", "boolean"}}
}

// orNull adds null, which removes a field in an override.
func orNull(schema map[string]any, partial bool) map[string]any {
	if !partial {
		return schema
	}
	return map[string]any{"anyOf": []any{schema, map[string]any{"type": "null"}}}
}

func (w *schemaWriter) reference(t reflect.Type, partial bool) map[string]any {
	name := Definition(t, partial)
	ref := map[string]any{"$ref": "#/$defs/" + name}
	if _, done := w.defs[name]; done {
		return ref
	}
	def := map[string]any{"type": "object", "additionalProperties": false}
	w.defs[name] = def
	properties, required := map[string]any{}, []string{}
	fields := Format.FieldsOf(t)
	for _, key := range fields.Names {
		f := fields.ByName[key]
		property := w.schema(f.Type, partial)
		if f.Required && !partial {
			required = append(required, key)
			notEmpty(property)
		}
		property = orNull(property, partial)
		if f.Doc != "" {
			property["description"] = strings.TrimSpace(f.Doc)
		}
		properties[key] = property
	}
	def["properties"] = properties
	if len(required) > 0 {
		def["required"] = required
	}
	return ref
}

// Definition is the name of a struct in $defs, complete or partial for an
// override.
func Definition(t reflect.Type, partial bool) string {
	name := t.Name()
	if parts := strings.Split(t.PkgPath(), "/"); t.PkgPath() != reflect.TypeFor[v1alpha1.Certs]().PkgPath() {
		name = strings.Join(append(parts[max(0, len(parts)-2):], name), ".") // two packages have a ServiceAccountRef
	}
	if partial {
		name += "Part"
	}
	return name
}

func notEmpty(property map[string]any) {
	switch property["type"] {
	case "string":
		property["minLength"] = 1
	case "array":
		property["minItems"] = 1
	}
}
