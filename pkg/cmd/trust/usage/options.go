package usage

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Limits  *limits.Budget
	Output  *output.Flags
	Cluster clusterreader.Func
	Public  func() *x509.CertPool // roots that everybody has; nil if they are not known
	Now     time.Time

	Fingerprints []cabundle.Pin // of CAs, which the cluster must have
	Sources      []string       // of CAs
	AlsoTrusted  []string       // sources of what clients have besides

	Namespace         string // "" for all
	AllNamespaces     bool   // the flag, which excludes Namespace
	ResourceNamespace string // of the Secrets that ClusterIssuers refer to, "" for any
	Passwords         certificates.PasswordFile
}

func newOptions(f *cmdutil.Factory) *Options {
	return &Options{
		IO: f.IO, Limits: f.Limits, Output: output.ForRows(),
		Cluster: clusterreader.New(f), Public: source.PublicRoots, Now: time.Now(),
	}
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := newOptions(f)
	cmd := &cobra.Command{
		Use:   "usage {FINGERPRINT|SOURCE}...",
		Short: "List certificates in the cluster that need a CA",
		Long: "List what fails in the cluster when clients no longer trust a CA: TLS Secrets\n" +
			"with a certificate that leads to it, their users, and issuers that sign with\n" +
			"it. Give the CA as a SHA-256 fingerprint or a SOURCE (see trust inspect).\n\n" +
			"Chains are built from the Secrets, --also-trusted and all CAs in the cluster. A\n" +
			"certificate that also leads to a root in --also-trusted does not need the CA,\n" +
			"and neither does an expired one. If a chain is incomplete, the result is\n" +
			"unknown; add the missing CA with --also-trusted.\n\n" +
			"Exit codes: 0 not needed, 1 needed, 2 failed or unknown.",
		Example: "  kubectl certs trust usage ca/root-2016.pem\n" +
			"  kubectl certs trust usage ca/old.pem --also-trusted ca/new.pem -o wide\n" +
			"  kubectl certs trust usage 9f:1c:33:…",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Namespace = *f.Config.Namespace
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.AlsoTrusted, "also-trusted", nil, "further CAs of clients: trusted roots, and intermediates that servers do not send")
	flags.BoolVarP(&o.AllNamespaces, "all-namespaces", "A", false, "all namespaces (the default)")
	o.Output.AddTo(cmd)
	o.Passwords.AddTo(flags, "file with the password of PKCS#12 and JKS files")
	clusterreader.AddResourceNamespace(flags, &o.ResourceNamespace)
	help.Modes(cmd, help.Mode{Reads: "also-trusted password-file cluster-resource-namespace"})
	help.Modes(cmd, help.Mode{If: "all-namespaces", Reads: "all-namespaces"}, help.Mode{Reads: "namespace"})
	return cmd
}

func (o *Options) complete(args []string) error {
	if len(args) == 0 {
		return hint.With(errors.New("no CA given"), "kubectl certs trust usage ca/root-2016.pem")
	}
	if err := o.Output.Validate(); err != nil {
		return err
	}
	var err error
	o.Fingerprints, o.Sources, err = source.Fingerprints(args)
	return err
}
