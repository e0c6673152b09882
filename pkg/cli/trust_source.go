package cli

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// sourceReader reads the sources of a command, which takes the passwords by
// --password-file.
func sourceReader(env Env, passwords []string) source.Reader {
	return source.Reader{Limits: env.Limits, Stdin: env.In, Passwords: passwords, Note: env.note, Progress: env.progress}
}

// readSources reads sources for a command with trustFlags.
func readSources(ctx context.Context, env Env, sources, passwords []string) (source.Contents, error) {
	contents, err := sourceReader(env, passwords).Read(ctx, sources)
	return contents, passwordHint(err)
}

// readCertificates reads what is to be trusted from sources.
func readCertificates(ctx context.Context, env Env, sources, passwords []string) ([]trust.Entry, error) {
	contents, err := readSources(ctx, env, sources, passwords)
	if err != nil {
		return nil, err
	}
	entries, err := contents.Certificates()
	return entries, certificatesHint(err, sources)
}

func passwordHint(err error) error {
	if errors.Is(err, trust.ErrPassword) {
		return withHint(err, "put the password into a file and name it with --password-file")
	}
	return err
}

// certificatesHint says how to make files that Contents.Certificates takes.
func certificatesHint(err error, sources []string) error {
	if server, ok := errors.AsType[*source.ServerError](err); ok {
		return withHint(err, "kubectl certs trust bundle "+server.Address+" --pin … writes a file that is")
	}
	return withHint(err, "kubectl certs trust inspect "+shell.Join(sourceWords(sources)))
}

func certsOf(entries []trust.Entry) []*x509.Certificate {
	certs := make([]*x509.Certificate, len(entries))
	for i, e := range entries {
		certs[i] = e.Cert
	}
	return certs
}
