//go:build slim

package lego

import (
	"fmt"

	"github.com/go-acme/lego/v4/challenge"
)

// newProvider says that this build has none.
func newProvider(name string, _ map[string][]byte) (challenge.Provider, error) {
	return nil, fmt.Errorf("DNS provider %q: this is the slim build, which has only the solvers of cert-manager; take the full one", name)
}

func removeFiles() {} // there are none
