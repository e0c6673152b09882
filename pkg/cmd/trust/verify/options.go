package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Limits  *limits.Budget
	Output  *output.Flags
	Cluster clusterreader.Func
	// Git reads what certs.yaml or a kustomization says, where there are no
	// Sources.
	Git func(context.Context) (project.Target, error)

	Sources   []string
	Locations []usage.Location // to compare the sources with

	Namespace      string // of the components for pods, "" for all
	TrustNamespace string // "" for what certs.yaml says
	Passwords      certificates.PasswordFile

	project cmdutil.ProjectFlags
	target  cmdutil.TargetFlags
	in      []string
}

// inKinds are how the values of --in begin.
var inKinds = []string{"configmap/", "secret/", "bundle/", "clusterbundle/", "clustertrustbundle/", "component/", "openshift"}

// locationsHelp says what locations are.
const locationsHelp = "A LOCATION is one of\n" +
	"  NAME                             all of that name, in all namespaces\n" +
	"  configmap/NAMESPACE/NAME[:KEY]   also secret/…; * for all namespaces\n" +
	"  bundle/NAME, clusterbundle/NAME  of trust-manager, with its targets\n" +
	"  clustertrustbundle/NAME          of Kubernetes\n" +
	"  component/[NAMESPACE/]NAME       mounted by the component for pods\n" +
	"  openshift                        ConfigMap of the Proxy, and its copies"

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := newOptions(f)
	cmd := &cobra.Command{
		Use:   "verify [SOURCE... --in LOCATION]",
		Short: "Compare the CA certificates in Git with the cluster",
		Long: "Compare the CA certificates in Git with the cluster: missing, extra and\n" +
			"unreadable ones. Without SOURCE (see trust inspect), compare all that\n" +
			"certs.yaml or -k declares.\n\n" +
			locationsHelp + "\n\n" +
			"Exit codes: 0 the same everywhere, 1 differences, 2 failed.",
		Example: "  kubectl certs trust verify -e prod\n" +
			"  kubectl certs trust verify ca/roots.pem --in corp-roots\n" +
			"  kubectl certs trust verify ca/*.pem --in configmap/shop/roots:ca.crt",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Namespace = *f.Config.Namespace
			if err := o.complete(args); err != nil {
				return err
			}
			if len(o.in) > 0 {
				if err := certificates.NeedSource(cmd, args); err != nil {
					return err
				}
			}
			return run(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	o.project.AddFile(cmd, "certs.yaml", "certs.yaml and manifests: files, folders, - for stdin")
	o.project.AddRecursive(cmd)
	o.project.AddEnvironment(cmd, "environment of certs.yaml")
	o.target.AddKustomize(cmd, "read objects from this kustomization, not certs.yaml")
	flags.StringSliceVar(&o.in, "in", nil, "locations to compare each SOURCE with")
	kinds := cobra.FixedCompletions(inKinds, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)
	if err := cmd.RegisterFlagCompletionFunc("in", kinds); err != nil {
		panic(err) // the command has no such flag
	}
	flags.StringVar(&o.TrustNamespace, "trust-namespace", "", "namespace of Bundle sources (default: certs.yaml's, or cert-manager)")
	o.Output.AddTo(cmd)
	o.Passwords.AddTo(flags, "file with the password of PKCS#12 and JKS files (default: tries none and changeit)")
	const both = "trust-namespace password-file"
	help.Modes(cmd,
		help.Mode{If: "SOURCE in", Reads: "in " + both},
		help.Mode{Reads: "namespace filename recursive environment kustomize " + both})
	help.Modes(cmd, help.Mode{If: "kustomize", Reads: "kustomize"}, help.Mode{Reads: "filename environment"})
	help.Modes(cmd, help.Mode{If: "filename", Reads: "recursive"})
	return cmd
}

func newOptions(f *cmdutil.Factory) *Options {
	o := &Options{IO: f.IO, Limits: f.Limits, Output: output.ForRows(), Cluster: clusterreader.New(f)}
	o.Git = func(ctx context.Context) (project.Target, error) { return o.target.Load(ctx, f, &o.project) }
	return o
}

func (o *Options) complete(args []string) error {
	o.Sources = args
	if err := o.Output.Validate(); err != nil {
		return err
	}
	if len(o.Sources) == 0 {
		return nil
	}
	return o.completeSources()
}

// completeSources reads the locations to compare the sources with.
func (o *Options) completeSources() error {
	if len(o.in) == 0 {
		return hint.With(errors.New("no location to compare with"), "--in corp-roots for all of that name, or --in configmap/NAMESPACE/NAME")
	}
	var wrong []error
	for _, text := range o.in {
		location, err := usage.ParseLocation(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--in %w", err))
		}
		o.Locations = append(o.Locations, location)
	}
	return problem.Join(wrong...)
}
