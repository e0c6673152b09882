package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// count says how many there are: 1 file, 2 files.
func count(n int, word string) string { return phrase.Count(n, word) }

// sumUp writes counts in order of their words: 2 expired, 1 trusts it.
func sumUp(counts map[string]int) string {
	var parts []string
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[word], word))
	}
	return strings.Join(parts, ", ")
}
