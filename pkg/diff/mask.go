package diff

import (
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// place says what a value is part of, as far as masking is concerned.
type place int

const (
	open        place = iota
	secretRoot        // a Secret
	secretMeta        // its metadata
	secretNotes       // its annotations
	secretText        // a value of it to mask
	secretData        // a value of it to mask, in base64
	maker             // what makes a Secret: a SealedSecret, an ExternalSecret
	makerForm         // its template of the Secret
)

// makers are kinds whose template may hold values of the Secret in the clear.
var makers = map[string]bool{"SealedSecret": true, "ExternalSecret": true, "ClusterExternalSecret": true}

// copies are annotations that hold the whole object once more.
var copies = map[string]bool{
	"kubectl.kubernetes.io/last-applied-configuration": true,
	"kapp.k14s.io/original":                            true,
	"objectset.rio.cattle.io/applied":                  true,
}

// enter returns the place of a map that is found at p. Secrets are also found
// inside other objects, such as templates.
func (p place) enter(maps ...map[string]any) place {
	if p != open {
		return p
	}
	for _, m := range maps {
		if isSecret(m) {
			return secretRoot
		}
		if kind, _ := m["kind"].(string); makers[kind] {
			return maker
		}
	}
	return open
}

// key returns the place of a key's value in a map at p. What a Secret is not
// known to hold in the open is masked, so a misspelt "stringdata" is too.
func (p place) key(k string) place {
	switch p {
	case open:
		if k == "password" { // of a keystore, say
			return secretText
		}
	case maker:
		if k == "template" {
			return makerForm
		}
	case makerForm:
		if k == "data" || k == "stringData" {
			return secretText
		}
		return open
	case secretRoot:
		switch k {
		case "apiVersion", "kind", "type", "immutable":
			return open
		case "metadata":
			return secretMeta
		case "data":
			return secretData
		}
		return secretText
	case secretMeta:
		if k == "annotations" {
			return secretNotes
		}
		return open
	case secretNotes:
		if copies[k] {
			return secretText
		}
		return open
	}
	return p
}

// isSecret tells a Secret from a reference to one, which has no metadata.
func isSecret(m map[string]any) bool {
	if m["kind"] != "Secret" {
		return false
	}
	for _, key := range []string{"metadata", "data", "stringData"} {
		if _, there := m[key]; there {
			return true
		}
	}
	return false
}

// masked returns what of an object may be shown. The object is not changed.
func masked(o manifest.Object) manifest.Object {
	return maskMap(o, open)
}

// maskedPair is masked for two versions of an object. What differs in them
// differs in what is shown, and the other way round.
func maskedPair(old, new manifest.Object) (manifest.Object, manifest.Object) {
	return maskMaps(old, new, open)
}

func mask(v any, p place) any {
	switch v := v.(type) {
	case map[string]any:
		return maskMap(v, p)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = mask(e, p)
		}
		return list
	}
	return read(v, p).show
}

func maskMap(m map[string]any, p place) map[string]any {
	p = p.enter(m)
	view := make(map[string]any, len(m))
	for k, v := range m {
		view[k] = mask(v, p.key(k))
	}
	return view
}

func maskPair(old, new any, p place) (any, any) {
	switch o := old.(type) {
	case map[string]any:
		if n, ok := new.(map[string]any); ok {
			return maskMaps(o, n, p)
		}
	case []any:
		if n, ok := new.([]any); ok {
			return maskLists(o, n, p)
		}
	default:
		if !isContainer(new) {
			return showPair(old, new, p)
		}
	}
	o, n := mask(old, p), mask(new, p)
	if manifest.EqualValues(o, n) { // a list written like the certificates of a string
		return toldApart(o, "before"), toldApart(n, "after")
	}
	return o, n
}

func maskMaps(old, new map[string]any, p place) (map[string]any, map[string]any) {
	p = p.enter(old, new)
	o, n := make(map[string]any, len(old)), make(map[string]any, len(new))
	for k, v := range old {
		if w, both := new[k]; both {
			o[k], n[k] = maskPair(v, w, p.key(k))
		} else {
			o[k] = mask(v, p.key(k))
		}
	}
	for k, w := range new {
		if _, both := old[k]; !both {
			n[k] = mask(w, p.key(k))
		}
	}
	return o, n
}

func maskLists(old, new []any, p place) ([]any, []any) {
	o, n := make([]any, len(old)), make([]any, len(new))
	for _, t := range align(old, new) {
		switch {
		case t.new < 0:
			o[t.old] = mask(old[t.old], p)
		case t.old < 0:
			n[t.new] = mask(new[t.new], p)
		default:
			o[t.old], n[t.new] = maskPair(old[t.old], new[t.new], p)
		}
	}
	return o, n
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// toldApart marks one of two values that would be shown the same: the value
// itself, or the last line of a list.
func toldApart(show any, word string) any {
	switch show := show.(type) {
	case string:
		if n := len(show) - 1; n >= 0 && isMask(show) {
			return show[:n] + ", " + word + ")"
		}
	case []any:
		if n := len(show) - 1; n >= 0 {
			return append(show[:n:n], toldApart(show[n], word))
		}
	}
	return fmt.Sprintf("%v (%s)", show, word)
}
