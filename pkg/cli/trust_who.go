package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

type trustWhoFlags struct {
	with             []string
	all              bool
	output           string
	passwordFile     string
	clusterNamespace string
}

func newTrustWhoNeedsCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f trustWhoFlags
	cmd := &cobra.Command{
		Use:   "who-needs {FINGERPRINT|SOURCE}...",
		Short: "List the certificates in the cluster that stop working without a CA",
		Long: "List what in the cluster stops working when clients no longer trust a CA: TLS Secrets\n" +
			"whose certificate it signed, by itself or through intermediates, who uses them, and the\n" +
			"issuers that go on signing with it. Chains are built by names, key identifiers and\n" +
			"signatures, from what is in the Secret, in its ca.crt, in --with, and, where a chain\n" +
			"ends early, from all CAs in the cluster.\n\n" +
			"A CA is given as its SHA-256 fingerprint, if the cluster has it, or as a SOURCE with one\n" +
			"or more. What leads to a root in --with without it, by what its server sends, does not\n" +
			"need it; nor does what has expired. All namespaces are looked at unless -n is given.\n\n" +
			"Where a certificate cannot be read, or its chain ends at a CA that is in none of these\n" +
			"places and not public, nobody can tell: it is listed as unknown, and --with takes its CA.\n\n" +
			"Exit codes: 0 nobody needs it, 1 somebody does, 2 failed, or nobody can tell.",
		Example: "  kubectl certs trust who-needs ca/root-2016.pem\n" +
			"  kubectl certs trust who-needs ca/root-2016.pem --with ca/root-2026.pem -o wide\n" +
			"  kubectl certs trust who-needs 9f:1c:33:…",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return withHint(errors.New("no CA given"), "kubectl certs trust who-needs ca/root-2016.pem")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := f.input(config, args)
			if err != nil {
				return err
			}
			if err := in.read(cmd.Context(), env, config); err != nil {
				return err
			}
			return trustWhoRun(cmd.Context(), env, in)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.with, "with", nil, "sources of what clients have besides: roots that stay trusted, intermediates that servers do not send")
	flags.BoolVarP(&f.all, "all-namespaces", "A", false, "look at all namespaces, which is the default")
	flags.StringVarP(&f.output, "output", "o", "", "wide or json")
	flags.StringVar(&f.passwordFile, "password-file", "", "file with the password of PKCS#12 and JKS sources")
	flags.StringVar(&f.clusterNamespace, "cluster-resource-namespace", "", "namespace of the Secrets that ClusterIssuers refer to (default: wherever one has the name)")
	return cmd
}

type trustWhoInput struct {
	trustWhoFlags
	sources    []string
	pins       []cabundle.Pin
	passwords  []string
	namespaces []string // none for all
	now        time.Time

	of, with []*x509.Certificate
	public   *x509.CertPool // nil if this machine has none
	reader   *cluster.Reader
}

func (f trustWhoFlags) input(config *genericclioptions.ConfigFlags, args []string) (*trustWhoInput, error) {
	in := &trustWhoInput{trustWhoFlags: f, now: time.Now()}
	if err := oneOf("output", f.output, "", "wide", "json"); err != nil {
		return nil, err
	}
	if n := config.Namespace; n != nil && *n != "" {
		if f.all {
			return nil, errors.New("-A and -n exclude each other")
		}
		in.namespaces = []string{*n}
	}
	settings, err := trustFlags{target: string(cabundle.Generic), passwordFile: f.passwordFile}.settings()
	if err != nil {
		return nil, err
	}
	in.passwords = settings.passwords
	in.pins, in.sources, err = source.Fingerprints(args)
	return in, err
}

// read reads the sources, and connects to the cluster.
func (in *trustWhoInput) read(ctx context.Context, env Env, config *genericclioptions.ConfigFlags) error {
	reader := sourceReader(env, in.passwords)
	of, ofErr := reader.Certificates(ctx, in.sources)
	with, withErr := reader.Certificates(ctx, in.trustWhoFlags.with)
	if err := all(ofErr, withErr); err != nil {
		return err
	}
	in.of, in.with, in.public = certsOf(of), certsOf(with), source.PublicRoots()
	var err error
	if in.reader, err = newReader(env, config, in.namespaces...); err != nil {
		return err
	}
	for _, n := range in.namespaces {
		if err := in.reader.KnowsNamespace(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func trustWhoRun(ctx context.Context, env Env, in *trustWhoInput) error {
	done := env.progress("reading the cluster")
	report, err := in.survey(ctx)
	done()
	if err != nil {
		return err
	}
	if in.public == nil && report.Open() {
		env.note(noPublicRoots)
	}
	v := newWhoView(in, report)
	if err := v.print(env, in); err != nil {
		return err
	}
	if v.Needed {
		return errFound
	}
	err = report.Conclusive(in.now, in.reader.Notes)
	if report.Open() {
		return withHint(err, "give the CAs that chains lead to as files: --with ca/other.pem")
	}
	return err
}

// survey asks the cluster about the CAs. A CA that is given by its fingerprint
// joins the others when it is found.
func (in *trustWhoInput) survey(ctx context.Context) (usage.Report, error) {
	found, err := in.reader.FindCAs(ctx, in.pins)
	if err != nil {
		return usage.Report{}, err
	}
	in.of = append(in.of, found...)
	q := usage.Ask(in.of, in.with, in.now)
	q.Public = in.public
	reports, err := in.reader.Survey(ctx, &usage.Pool{}, in.clusterNamespace, q)
	if err != nil {
		return usage.Report{}, err
	}
	return reports[0], nil
}

// noPublicRoots is what a survey cannot tell without them.
const noPublicRoots = "this machine has no public CAs, so that certificates of public CAs cannot be told from others"
