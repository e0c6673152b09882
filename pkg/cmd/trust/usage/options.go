package usage

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
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
		Short: "List the certificates in the cluster that stop working without a CA",
		Long: "List what in the cluster stops working when clients no longer trust a CA: TLS Secrets\n" +
			"whose certificate it signed, by itself or through intermediates, who uses them, and the\n" +
			"issuers that go on signing with it. Chains are built by names, key identifiers and\n" +
			"signatures, from what is in the Secret, in its ca.crt, in --also-trusted, and, where a\n" +
			"chain ends early, from all CAs in the cluster.\n\n" +
			"A CA is given as its SHA-256 fingerprint, if the cluster has it, or as a SOURCE with one\n" +
			"or more. What leads to a root in --also-trusted without it, by what its server sends,\n" +
			"does not need it; nor does what has expired. All namespaces are looked at unless -n is\n" +
			"given.\n\n" +
			"Where a certificate cannot be read, or its chain ends at a CA that is in none of these\n" +
			"places and not public, nobody can tell: it is listed as unknown, and --also-trusted takes\n" +
			"its CA.\n\n" +
			"Exit codes: 0 nobody needs it, 1 somebody does, 2 failed, or nobody can tell.",
		Example: "  kubectl certs trust usage ca/root-2016.pem\n" +
			"  kubectl certs trust usage ca/root-2016.pem --also-trusted ca/root-2026.pem -o wide\n" +
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
	flags.StringSliceVar(&o.AlsoTrusted, "also-trusted", nil, "sources of what clients have besides: roots that stay trusted, intermediates that servers do not send")
	flags.BoolVarP(&o.AllNamespaces, "all-namespaces", "A", false, "look at all namespaces, which is the default")
	o.Output.AddTo(cmd)
	o.Passwords.AddTo(flags, "file with the password of PKCS#12 and JKS sources")
	clusterreader.AddResourceNamespace(flags, &o.ResourceNamespace)
	return cmd
}

func (o *Options) complete(args []string) error {
	if len(args) == 0 {
		return hint.With(errors.New("no CA given"), "kubectl certs trust usage ca/root-2016.pem")
	}
	if err := o.Output.Validate(); err != nil {
		return err
	}
	if o.AllNamespaces && o.Namespace != "" {
		return errors.New("-A and -n exclude each other")
	}
	var err error
	o.Fingerprints, o.Sources, err = source.Fingerprints(args)
	return err
}
