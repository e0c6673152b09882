package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// compiler knows our schema, which must be valid by its own draft.
func compiler(t testing.TB) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertVocabs()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	return c
}

func compiled(t testing.TB, c *jsonschema.Compiler, ref string) *jsonschema.Schema {
	t.Helper()
	s, err := c.Compile("schema.json" + ref)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaAndDecoder changes a value of every type in every way that breaks
// its shape, and some that do not, and wants the schema and the decoder to be
// of one mind about each. As both are made of types, they agree about whole
// files then.
func TestSchemaAndDecoder(t *testing.T) {
	c := compiler(t)
	seen := 0
	for _, partial := range []bool{false, true} {
		for typ := range structsBelow(reflect.TypeFor[v1alpha1.Certs](), partial) {
			s := compiled(t, c, "#/$defs/"+schema.Definition(typ, partial))
			whole := instanceOf(t, typ)
			judge(t, s, typ, partial, "as it is", whole)
			for name, mutant := range mutants(whole) {
				seen++
				judge(t, s, typ, partial, name, mutant)
			}
		}
	}
	if seen < 5_000 {
		t.Errorf("only %d mutants", seen)
	}
}

// instanceOf has all fields of a type, each with a value of its shape.
func instanceOf(t *testing.T, typ reflect.Type) map[string]any {
	t.Helper()
	value := reflect.New(typ).Elem()
	(&populator{lean: true}).fill(value, "")
	if certs, ok := value.Addr().Interface().(*v1alpha1.Certs); ok {
		certs.Kind = v1alpha1.Kind
	}
	return without(prune(generic(t, value.Interface())).(map[string]any), "issuerRef") // which ours hides
}

func judge(t *testing.T, s *jsonschema.Schema, typ reflect.Type, partial bool, name string, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		t.Fatal(err)
	}
	d := schema.Format.NewDecoder(strictyaml.BudgetFor(data))
	d.Partial = partial
	value := reflect.New(typ)
	d.Decode(node.Content[0], nil, value.Elem())
	if certs, ok := value.Interface().(*v1alpha1.Certs); ok && (certs.APIVersion != v1alpha1.APIVersion || certs.Kind != v1alpha1.Kind) {
		d.Add(1, nil, "wrong header") // which the checker finds
	}
	refusal := s.Validate(instance)
	if refusal == nil && beyondSchema(d.List) {
		return
	}
	if (refusal == nil) != (len(d.List) == 0) {
		t.Errorf("%s (partial: %t), %s: the decoder says %v, the schema %v\n%.600s", typ, partial, name, d.List, refusal, data)
	}
}

// mutants change one field of a map each.
func mutants(whole map[string]any) map[string]any {
	all := map[string]any{
		"empty": map[string]any{}, "a list": []any{whole}, "a text": "text", "a number": 1, "null in a list": []any{nil},
		"with another field": with(whole, "anotherField", 1),
	}
	for key, value := range whole {
		all["without "+key] = without(whole, key)
		all["renamed "+key] = with(without(whole, key), key+"X", value)
		for _, other := range []any{nil, true, 7, -7, 1.5, 1e12, "text", "", "1h", "-1.5h", "64Mi", []any{}, []any{nil}, []any{"text"}, []any{map[string]any{}}, map[string]any{}, map[string]any{"x": nil}, map[string]any{"x": "y"}, map[string]any{"x": 1}, map[string]any{"x": map[string]any{}}} {
			all[fmt.Sprintf("%s: %v", key, other)] = with(whole, key, other)
		}
	}
	delete(all, "null in a list")
	return all
}

// structsBelow are the types of all maps below a type: partial ones are those
// that an override may give in part.
func structsBelow(t reflect.Type, partial bool) map[reflect.Type]bool {
	found := map[reflect.Type]bool{}
	var visit func(t reflect.Type, inPart bool)
	visited := map[string]bool{}
	visit = func(t reflect.Type, inPart bool) {
		if p, ok := reflect.New(t).Interface().(strictyaml.Part); ok {
			t, inPart = p.Whole(), true
		}
		if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
			return
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Map:
			visit(t.Elem(), inPart)
		case reflect.Slice:
			visit(t.Elem(), false)
		case reflect.Struct:
			if id := fmt.Sprint(t.PkgPath(), t.Name(), inPart); visited[id] {
				return
			} else {
				visited[id] = true
			}
			if inPart == partial {
				found[t] = true
			}
			for _, f := range schema.Format.FieldsOf(t).ByName {
				visit(f.Type, inPart)
			}
		}
	}
	visit(t, false)
	return found
}

// TestSchemaAndParser holds the schema to whole files: what it refuses, the
// parser refuses, and of what it accepts the parser refuses nothing for its
// shape.
func TestSchemaAndParser(t *testing.T) {
	s := compiled(t, compiler(t), "")
	docs := append(brokenDocuments(t), validDocuments(t)...)
	seen := map[string]bool{}
	for _, doc := range validDocuments(t) {
		docs = append(docs, mutantFiles(t, doc, seen)...)
	}
	refused := 0
	for _, doc := range docs {
		root, problem := strictyaml.Document(nil, []byte(doc), v1alpha1.APIVersion)
		var instance any
		if problem != nil || root.Decode(&instance) != nil || !isJSON(instance) {
			continue // twice the same key, circles of aliases: nothing JSON knows of
		}
		data, _ := json.Marshal(instance)
		instance, _ = jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if refusal := s.Validate(instance); refusal != nil {
			refused++
			if _, err := Parse(nil, "certs.yaml", []byte(doc)); err == nil {
				t.Errorf("the schema refuses what the parser accepts: %v\n%s", refusal, doc)
			}
		} else if _, problems := decoded(t, []byte(doc)); len(problems) > 0 && !beyondSchema(problems) {
			t.Errorf("the schema accepts what has the wrong shape: %v\n%s", problems, doc)
		}
	}
	if len(docs) < 1_000 || refused < 500 {
		t.Errorf("only %d files, %d of them refused", len(docs), refused)
	}
}

// beyondSchema are mistakes of shape that JSON Schema has no words for.
func beyondSchema(problems []problem.Problem) bool {
	return !slices.ContainsFunc(problems, func(p problem.Problem) bool {
		for _, rule := range []string{"is too large", "is no duration", "neither PEM nor base64", "merges a map"} {
			if strings.Contains(p.Rule, rule) {
				return false
			}
		}
		return true
	})
}

func isJSON(v any) bool {
	_, err := json.Marshal(v)
	return err == nil
}

// validDocuments are the files of all cases that must be accepted.
func validDocuments(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var docs []string
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if filepath.Base(f.Name) != "certs.yaml" {
				continue
			}
			if _, err := Parse(nil, f.Name, f.Data); err == nil {
				docs = append(docs, string(f.Data))
			}
		}
	}
	if len(docs) < 10 {
		t.Fatalf("only %d valid files in testdata", len(docs))
	}
	return append(docs, shop)
}

// mutantFiles change one value of a file each, at every place not seen before.
func mutantFiles(t testing.TB, doc string, seen map[string]bool) []string {
	t.Helper()
	var root any
	if err := yaml.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	var files []string
	emit := func() {
		data, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, string(data))
	}
	var visit func(at string, v any)
	visit = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				value := v[key]
				visit(at+"."+key, value)
				if seen[at+"."+key] {
					continue
				}
				seen[at+"."+key] = true
				for _, other := range []any{nil, 1, "text", map[string]any{}} {
					v[key] = other
					emit()
				}
				delete(v, key)
				emit()
				v[key+"x"] = value
				emit()
				delete(v, key+"x")
				v[key] = value
			}
		case []any:
			for i, value := range v {
				visit(at+"[]", value)
				if seen[at+"[]"] {
					continue
				}
				seen[at+"[]"] = true
				for _, other := range []any{nil, "text"} {
					v[i] = other
					emit()
				}
				v[i] = value
			}
		}
	}
	visit("", root)
	return files
}
