package position

import "github.com/kubectl-certs/kubectl-certs/pkg/manifest"

// Document has the objects of one file, or of one kustomization.
type Document struct {
	Source  string // in the form of an operand
	Data    []byte // of a file; nil for a kustomization
	Objects []manifest.Object
}

// IsBuilt reports whether the objects are built by a kustomization, and have no
// lines.
func (d Document) IsBuilt() bool { return d.Data == nil }

// Sources returns the sources of documents.
func Sources(documents []Document) []string {
	names := make([]string, len(documents))
	for i, d := range documents {
		names[i] = d.Source
	}
	return names
}
