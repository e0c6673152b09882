package strictyaml

import "github.com/kubectl-certs/kubectl-certs/pkg/hint"

// Suggest proposes the most similar word, "" if none is similar.
func Suggest(word string, known []string) string {
	best := hint.Nearest(word, known)
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}
