package manifest

import (
	"maps"
	"reflect"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Object is one Kubernetes object as plain values: map[string]any, []any,
// string, bool, int64, float64 and nil. Objects are shared between trees and
// must not be modified after they are built; use Clone.
type Object map[string]any

// ID identifies an object in a tree or a cluster. The version of the API is not
// part of it.
type ID struct {
	Group, Kind, Namespace, Name string
}

// String returns Kind/name, or Kind/namespace/name if there is a namespace.
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + "/" + id.Name
	}
	return id.Kind + "/" + id.Namespace + "/" + id.Name
}

// Resource returns the object as kubectl names it in what it prints, without the
// namespace: certificate.cert-manager.io/cafe.
func (id ID) Resource() string {
	return strings.TrimSuffix(strings.ToLower(id.Kind)+"."+id.Group, ".") + "/" + id.Name
}

// Compare orders IDs by kind, group, namespace and name.
func (id ID) Compare(other ID) int {
	for _, c := range []int{
		strings.Compare(id.Kind, other.Kind),
		strings.Compare(id.Group, other.Group),
		strings.Compare(id.Namespace, other.Namespace),
	} {
		if c != 0 {
			return c
		}
	}
	return strings.Compare(id.Name, other.Name)
}

// ID returns the object's identity.
func (o Object) ID() ID {
	group, _, found := strings.Cut(o.text("apiVersion"), "/")
	if !found {
		group = ""
	}
	return ID{Group: group, Kind: o.text("kind"), Namespace: o.Namespace(), Name: o.Name()}
}

// Kind returns the object's kind, "" if it has none.
func (o Object) Kind() string { return o.text("kind") }

// Name returns metadata.name, "" if it has none.
func (o Object) Name() string { return Object(o.Map("metadata")).text("name") }

// Namespace returns metadata.namespace, "" if it has none.
func (o Object) Namespace() string { return Object(o.Map("metadata")).text("namespace") }

// Annotations returns metadata.annotations, values that are not strings left out.
func (o Object) Annotations() map[string]string { return o.metadataText("annotations") }

// Labels returns metadata.labels, values that are not strings left out.
func (o Object) Labels() map[string]string { return o.metadataText("labels") }

// Map returns the map at the path of keys, nil if there is none.
func (o Object) Map(path ...string) map[string]any {
	m := map[string]any(o)
	for _, key := range path {
		m, _ = m[key].(map[string]any)
	}
	return m
}

// Clone returns a copy that shares nothing with the object.
func (o Object) Clone() Object { return cloneValue(map[string]any(o)).(map[string]any) }

// Equal reports whether two objects have the same values.
func Equal(a, b Object) bool {
	if reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer() {
		return true
	}
	return EqualValues(map[string]any(a), map[string]any(b))
}

// EqualValues compares two values of the types in an Object.
func EqualValues(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, EqualValues)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !EqualValues(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case map[string]any, []any:
		return false
	}
	return a == b
}

func (o Object) text(key string) string {
	s, _ := o[key].(string)
	return s
}

func (o Object) metadataText(key string) map[string]string {
	values := o.Map("metadata", key)
	if len(values) == 0 {
		return nil
	}
	texts := make(map[string]string, len(values))
	for k, v := range values {
		if s, ok := v.(string); ok {
			texts[k] = s
		}
	}
	return texts
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, e := range v {
			c[k] = cloneValue(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = cloneValue(e)
		}
		return c
	}
	return v
}

// newObject begins an object; the additional annotations may be nil.
func newObject(apiVersion, kind string, o plan.Object, annotations map[string]string) Object {
	metadata := map[string]any{"name": o.Name}
	if o.Namespace != "" {
		metadata["namespace"] = o.Namespace
	}
	putTexts(metadata, "labels", o.Labels)
	putTexts(metadata, "annotations", o.Annotations, annotations)
	return Object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
}

// putTexts sets a key to the union of some maps, unless that is empty.
func putTexts(into map[string]any, key string, maps ...map[string]string) {
	texts := map[string]any{}
	for _, m := range maps {
		for k, v := range m {
			texts[k] = v
		}
	}
	if len(texts) > 0 {
		into[key] = texts
	}
}

func list(texts []string) []any {
	l := make([]any, len(texts))
	for i, t := range texts {
		l[i] = t
	}
	return l
}
