//go:build slim

package lego

import (
	"fmt"

	"github.com/go-acme/lego/v4/challenge"
)

// newProvider fails: the slim build has no providers.
func newProvider(name string, _ map[string][]byte) (challenge.Provider, error) {
	return nil, fmt.Errorf("DNS provider %q: the slim build has only cert-manager's solvers; use the full build", name)
}

func removeFiles() {} // there are no files
