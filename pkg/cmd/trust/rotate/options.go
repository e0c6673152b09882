package rotate

import (
	"crypto/x509"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// Options are the input of both commands.
type Options struct {
	IO      iostreams.IO
	Limits  *limits.Budget
	Program string // as it was called, for what a text proposes
	Now     time.Time

	File              string // of the rotation
	Filenames         cmdutil.Filenames
	Named             bool // by the user: it may be anywhere, while the usual one must not be a link that leads elsewhere
	Passwords         certificates.PasswordFile
	ResourceNamespace string // of the Secrets that ClusterIssuers refer to, "" for any

	Cluster clusterreader.Func
	Public  func() *x509.CertPool // roots that everybody has; nil if they are not known
	// Project returns the options of the project that the rotation may name.
	Project func() project.Options
}

func newOptions(f *cmdutil.Factory) *Options {
	return &Options{
		IO: f.IO, Limits: f.Limits, Now: time.Now(), Cluster: clusterreader.New(f), Public: source.PublicRoots,
		Project: func() project.Options { return new(cmdutil.ProjectFlags).Options(f) },
	}
}

// addTo adds the flags to a command.
func (o *Options) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	o.File = rotation.UsualFile
	o.Filenames.AddTo(cmd, &o.File, "file of the rotation; - is stdin")
	o.Passwords.AddTo(flags, "file with the password of PKCS#12 and JKS files")
	clusterreader.AddResourceNamespace(flags, &o.ResourceNamespace)
	help.Modes(cmd, help.Mode{Reads: "filename password-file cluster-resource-namespace"})
}

// complete refuses several files.
func (o *Options) complete(cmd *cobra.Command) error {
	o.Program, o.Named = cmd.Root().DisplayName(), cmd.Flags().Changed("filename")
	if names := o.Filenames.Names; len(names) > 1 {
		return fmt.Errorf("-f %s, -f %s: a rotation is one file", names[0], names[1])
	}
	return nil
}
