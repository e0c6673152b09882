package diff

// valueContext is the context of a value for masking.
type valueContext int

const (
	open        valueContext = iota
	secretRoot               // a Secret
	secretMeta               // its metadata
	secretNotes              // its annotations
	secretText               // a value of it to mask
	secretData               // a value of it to mask, in base64
	maker                    // an object that generates a Secret: a SealedSecret, an ExternalSecret
	makerForm                // its template of the Secret
)

// makers are kinds with a template that may have values of the Secret in clear
// text.
var makers = map[string]bool{"SealedSecret": true, "ExternalSecret": true, "ClusterExternalSecret": true}

// copies are annotations with a copy of the whole object.
var copies = map[string]bool{
	"kubectl.kubernetes.io/last-applied-configuration": true,
	"kapp.k14s.io/original":                            true,
	"objectset.rio.cattle.io/applied":                  true,
}

// enter returns the context of a map at p. Secrets can also be inside of other
// objects, such as templates.
func (p valueContext) enter(maps ...map[string]any) valueContext {
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

// key returns the context of a key's value in a map at p. Unknown fields of a
// Secret are masked, such as a misspelt "stringdata".
func (p valueContext) key(k string) valueContext {
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

// isSecret reports whether a map is a Secret. A reference to one has no
// metadata.
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
