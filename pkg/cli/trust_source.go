package cli

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// sourceReader reads the sources of a command.
func sourceReader(env Env, passwords []string) source.Reader {
	return certificates.Reader(env.factory.IO, env.Limits, passwords)
}
