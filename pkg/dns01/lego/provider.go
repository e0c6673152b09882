//go:build !slim

package lego

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/providers/dns"

	"github.com/kubectl-certs/kubectl-certs/pkg/dns01/environ"
)

// late are the providers that read their variables when they are used, too
// (oraclecloud its key, for every signature). They have the environment for
// the length of each call, so that they work, and see nobody else's.
var late = []string{"oraclecloud"}

// Provider makes the provider that lego knows by a name from variables, which
// are those that lego documents for it. A variable that names a file takes the
// file's content instead. The errors name every variable that is wrong, and
// never hold a value that this package has seen; those of a provider may.
//
// Nearly all providers only keep what they are given. A few log in at once, so
// this may take as long as their servers do, or the context allows.
func Provider(ctx context.Context, name string, variables map[string]string) (challenge.Provider, error) {
	known, err := check(name, variables)
	if err != nil {
		return nil, err
	}
	own := environment{set: variables, namespaces: known.namespaces()}
	made := make(chan result, 1)
	go func() {
		var r result
		r.err = own.lend(ctx, func() (err error) {
			r.provider, err = dns.NewDNSChallengeProviderByName(name)
			return err
		})
		made <- r
	}()
	select {
	case r := <-made:
		if r.err == nil && slices.Contains(late, name) {
			r.provider = &lent{r.provider.(challenge.ProviderTimeout), own}
		}
		return r.provider, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type result struct {
	provider challenge.Provider
	err      error
}

// environment is what one provider is to find.
type environment struct {
	set        map[string]string
	namespaces []string
}

// lend runs f in the environment.
func (e environment) lend(ctx context.Context, f func() error) error {
	dir, err := os.MkdirTemp("", "kubectl-certs-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	set := make(map[string]string, len(e.set))
	for name, value := range e.set {
		set[name] = value
		if slices.Contains(files, name) {
			set[name] = filepath.Join(dir, name)
			if err := os.WriteFile(set[name], []byte(value), 0o600); err != nil {
				return fmt.Errorf("variable %s: %w", name, err)
			}
		}
	}
	return environ.With(ctx, set, e.namespaces, f)
}

// lent is a provider that needs its environment for every call.
type lent struct {
	challenge.ProviderTimeout
	own environment
}

func (l *lent) Present(domain, token, keyAuth string) error {
	return l.own.lend(context.Background(), func() error { return l.ProviderTimeout.Present(domain, token, keyAuth) })
}

func (l *lent) CleanUp(domain, token, keyAuth string) error {
	return l.own.lend(context.Background(), func() error { return l.ProviderTimeout.CleanUp(domain, token, keyAuth) })
}
