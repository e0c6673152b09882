//go:build slim

package lego

import (
	"context"
	"fmt"

	"github.com/go-acme/lego/v4/challenge"
)

// Provider says that this build has none.
func Provider(_ context.Context, name string, _ map[string]string) (challenge.Provider, error) {
	return nil, fmt.Errorf("DNS provider %q: this is the slim build, which has only the solvers of cert-manager; take the full one", name)
}
