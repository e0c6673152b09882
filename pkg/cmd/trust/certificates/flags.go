package certificates

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// SourcesHelp describes sources in the help of commands.
const SourcesHelp = "A SOURCE is a file, a folder, a quoted glob, - for stdin, or HOST:PORT of a TLS\n" +
	"server. Its format is detected: PEM (also damaged), DER, PKCS#7, PKCS#12, JKS,\n" +
	"or Kubernetes manifests. Private keys are reported and skipped."

// NeedSource refuses a command line without arguments.
func NeedSource(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return hint.With(errors.New("no source given"), help.Retyped(cmd, "roots.pem"))
	}
	return nil
}

// Reader reads the sources of a command. Its notes and its progress are messages.
func Reader(io iostreams.IO, budget *limits.Budget, passwords []string) source.Reader {
	return source.Reader{
		Limits: budget, Stdin: io.In, Passwords: passwords,
		Note:     func(note string) { io.Messagef("note: %s", note) },
		Progress: io.Progressing,
	}
}

// Check is how certificates are checked.
type Check struct {
	Target cabundle.Target
	Now    time.Time
	Allow  []string // IDs of findings that are to be notes
}

// Findings returns those of a bundle.
func (c Check) Findings(b cabundle.Bundle) []finding.Finding {
	return finding.Allow(cabundle.Check(b, c.Target, c.Now), c.Allow)
}

// Flags are those of commands that read and check certificates.
type Flags struct {
	passwords PasswordFile
	target    string
	asOf      cmdutil.AsOf
	allow     []string
}

// AddTo adds the flags to a command.
func (f *Flags) AddTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", string(cabundle.Generic), "consumer of the bundle: generic, or aks (az aks)")
	cmdutil.Offer(cmd, "target", string(cabundle.Generic), string(cabundle.AKS))
	f.asOf.AddTo(flags)
	flags.StringSliceVar(&f.allow, "allow", nil, "report these findings as notes, such as T001,T004")
	f.passwords.AddTo(flags, "file with the password of PKCS#12 and JKS files (default: tries none and changeit)")
}

// Check returns what the flags say, and refuses what is wrong about them.
func (f *Flags) Check() (Check, error) {
	c := Check{Target: cabundle.Target(f.target), Allow: f.allow}
	if err := cmdutil.OneOf("target", f.target, string(cabundle.Generic), string(cabundle.AKS)); err != nil {
		return c, err
	}
	if err := ValidateAllow(f.allow); err != nil {
		return c, err
	}
	var err error
	c.Now, err = f.asOf.Time()
	return c, err
}

// Read reads sources, with the passwords of the flags.
func (f *Flags) Read(ctx context.Context, io iostreams.IO, budget *limits.Budget, sources []string) (source.Contents, error) {
	passwords, err := f.passwords.Passwords()
	if err != nil {
		return source.Contents{}, err
	}
	contents, err := Reader(io, budget, passwords).Read(ctx, sources)
	return contents, source.PasswordHint(err)
}

// ValidateAllow refuses IDs of --allow that no finding has.
func ValidateAllow(ids []string) error {
	for _, id := range ids {
		if !isFinding(id) {
			return cmdutil.UnknownFinding("allow", id, isFinding, "kubectl certs trust inspect shows the IDs, such as T004")
		}
	}
	return nil
}

func isFinding(id string) bool {
	_, known := cabundle.RuleOf(id)
	return known
}
