package cli

import "github.com/kubectl-certs/kubectl-certs/pkg/phrase"

// some names the first few, and how many more there are.
func some(names []string) string { return phrase.List(names) }
