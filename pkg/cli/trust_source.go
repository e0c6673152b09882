package cli

import (
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// sourceReader reads the sources of a command.
func sourceReader(env Env, passwords []string) source.Reader {
	return certificates.Reader(env.factory.IO, env.Limits, passwords)
}

// readSources reads sources for a command that takes --password-file.
func readSources(ctx context.Context, env Env, sources, passwords []string) (source.Contents, error) {
	contents, err := sourceReader(env, passwords).Read(ctx, sources)
	return contents, source.PasswordHint(err)
}
