package position

import "github.com/kubectl-certs/kubectl-certs/pkg/manifest"

// Document holds the objects of one file, or of one kustomization.
type Document struct {
	Source  string // as the user would name it
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
