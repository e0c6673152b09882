package apply

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Process *lifecycle.Process
	Kube    func() (*kube.Client, error)
	Project cmdutil.ProjectFlags
	Target  cmdutil.TargetFlags
	// Load returns what the cluster is to hold.
	Load func(context.Context) (project.Target, error)

	DryRun string // none or server
	Force  bool
	Yes    bool // do not ask before deleting
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Process: f.Process, Kube: f.Kube}
	o.Load = func(ctx context.Context) (project.Target, error) { return o.Target.Load(ctx, f, &o.Project) }
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Apply an overlay or an environment to the cluster",
		Long: "Apply an overlay, or an environment of certs.yaml, to the cluster, server-side\n" +
			"and in order: namespaces, CRDs, issuers, the rest. For clusters without Argo CD\n" +
			"or Flux. Applied objects are labelled, so that --prune can delete those that\n" +
			"are no longer desired. After an error or a signal, run the command again for\n" +
			"the rest.\n\n" +
			"Exit codes: 0 applied, 2 failed or interrupted.",
		Example: "  kubectl certs apply -k overlays/staging\n" +
			"  kubectl certs apply -e prod --dry-run=server\n" +
			"  kubectl certs apply -e prod -f certs.yaml -f manifests/",
		Args: help.NoOperands("-k overlays/staging applies a kustomization, -f FILE manifests"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *Options) addFlags(cmd *cobra.Command) {
	o.Project.AddFile(cmd, "certs.yaml", "certs.yaml and manifests: files, folders, - for stdin")
	o.Project.AddRecursive(cmd)
	o.Project.AddEnvironment(cmd, "environment of certs.yaml to apply; needed if it has several")
	o.Target.AddTo(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.DryRun, "dry-run", "none", "none, or server: validate on the server, change nothing")
	cmdutil.Offer(cmd, "dry-run", "none", "server")
	flags.BoolVar(&o.Force, "force-conflicts", false, "overwrite fields owned by other managers")
	o.Target.AddPrune(cmd, "delete applied objects that are no longer desired")
	flags.BoolVar(&o.Yes, "yes", false, "with --prune: delete without asking, even most of the objects")
	help.Modes(cmd, help.Mode{Reads: "namespace set dry-run force-conflicts prune"})
	help.Modes(cmd, help.Mode{If: "kustomize", Reads: "kustomize"}, help.Mode{Reads: "filename environment"})
	help.Modes(cmd, help.Mode{If: "filename", Reads: "recursive"})
	help.Modes(cmd, help.Mode{If: "prune", Reads: "prune-certificates yes"})
}

func (o *Options) complete() error {
	return cmdutil.OneOf("dry-run", o.DryRun, "none", "server")
}

// isDryRun reports whether nothing is to be changed.
func (o *Options) isDryRun() bool { return o.DryRun == "server" }
