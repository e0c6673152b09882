package cli

import (
	"context"
	"crypto/x509"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// sourceReader reads the sources of a command.
func sourceReader(env Env, passwords []string) source.Reader {
	return source.Reader{Limits: env.Limits, Stdin: env.In, Passwords: passwords, Note: env.note, Progress: env.progress}
}

// readSources reads sources for a command that takes --password-file.
func readSources(ctx context.Context, env Env, sources, passwords []string) (source.Contents, error) {
	contents, err := sourceReader(env, passwords).Read(ctx, sources)
	return contents, source.PasswordHint(err)
}

func certsOf(entries []cabundle.Entry) []*x509.Certificate {
	certs := make([]*x509.Certificate, len(entries))
	for i, e := range entries {
		certs[i] = e.Cert
	}
	return certs
}
