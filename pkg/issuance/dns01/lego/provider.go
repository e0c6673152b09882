//go:build !slim

package lego

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/providers/dns"
)

// newProvider creates lego's provider of that name. Its variables stay in the environment,
// because some providers read them later (oraclecloud reads its key for every signature).
func newProvider(name string, variables map[string][]byte) (challenge.Provider, error) {
	if err := check(name, variables); err != nil {
		return nil, err
	}
	if err := setVariables(variables); err != nil {
		return nil, fmt.Errorf("DNS provider %q: %w", name, err)
	}
	return dns.NewDNSChallengeProviderByName(name)
}

// setVariables sets environment variables. Values of variables that name a file are written to
// one.
func setVariables(variables map[string][]byte) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		value := string(variables[name])
		if slices.Contains(files, name) {
			var err error
			if value, err = fileOf(name, variables[name]); err != nil {
				problems = append(problems, fmt.Errorf("variable %s: write its file: %w", name, err))
				continue
			}
		}
		if err := os.Setenv(name, value); err != nil { // a NUL byte
			problems = append(problems, fmt.Errorf("variable %s: invalid value: %w", name, err))
		}
	}
	return errors.Join(problems...)
}
