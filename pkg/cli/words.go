package cli

import "github.com/kubectl-certs/kubectl-certs/pkg/phrase"

// count says how many there are: 1 file, 2 files.
func count(n int, word string) string { return phrase.Count(n, word) }
