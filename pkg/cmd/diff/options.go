package diff

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Limits  *limits.Budget
	Kube    func() (*kube.Client, error)
	Project cmdutil.ProjectFlags
	Target  cmdutil.TargetFlags
	// Open reads the project whose tree is compared, and Load what is compared with
	// the cluster.
	Open func(context.Context) (*project.Project, error)
	Load func(context.Context) (project.Target, error)

	Operands []string // two, or none for the tree or the cluster
	Live     bool
	Summary  bool
	Output   *output.Flags
	Color    cmdutil.ColorFlag
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Limits: f.Limits, Kube: f.Kube, Output: output.ForDiffs()}
	o.Open = func(ctx context.Context) (*project.Project, error) { return o.Project.Open(ctx, f) }
	o.Load = func(ctx context.Context) (project.Target, error) { return o.Target.Load(ctx, f, &o.Project) }
	cmd := &cobra.Command{
		Use:   "diff [A B]",
		Short: "Show changes of certs.yaml, a tree or the cluster",
		Long: "Show, object by object, what generate would change in the overlays. With A and\n" +
			"B, compare any two of: a kustomization, a folder, a file, - for stdin, or\n" +
			"git:REVISION:PATH. With --live, show what apply would change in the cluster.\n\n" +
			"File layout and key order are ignored. Secrets are masked, and certificates are\n" +
			"shown as text. Needs a cluster with --live only.\n\n" +
			"Exit codes: 0 no differences, 1 differences, 2 failed.",
		Example: "  kubectl certs diff\n" +
			"  kubectl certs diff --summary\n" +
			"  kubectl certs diff git:HEAD:overlays/prod overlays/prod -o markdown\n" +
			"  kubectl certs diff --live -k overlays/prod",
		Args: noneOrTwo,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func noneOrTwo(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || len(args) == 2 {
		return nil
	}
	err := fmt.Errorf("diff takes two operands or none, not %d", len(args))
	if len(args) == 1 && project.IsCerts(args[0]) {
		return hint.With(err, help.Retyped(cmd, "-f", shell.Path(args[0])))
	}
	return hint.With(err, "kubectl certs diff overlays/staging overlays/prod")
}

func (o *Options) addFlags(cmd *cobra.Command) {
	o.Project.AddFile(cmd, "certs.yaml", "certs.yaml, and with --live manifests: files, folders, - for stdin")
	o.Project.AddRecursive(cmd)
	o.Project.AddDir(cmd)
	o.Project.AddEnvironment(cmd, "only this environment")
	o.Target.AddTo(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&o.Live, "live", false, "compare with the cluster: what apply would change")
	o.Target.AddPrune(cmd, "with --live: show objects that apply --prune would delete")
	flags.BoolVar(&o.Summary, "summary", false, "print one line per object")
	o.Output.AddTo(cmd)
	o.Color.AddTo(cmd)
	help.Modes(cmd,
		help.Mode{If: "A,B"},
		help.Mode{If: "live", Reads: "live namespace filename recursive environment kustomize set prune prune-certificates"},
		help.Mode{Reads: "filename dir environment"})
	help.Modes(cmd, help.Mode{If: "kustomize", Reads: "kustomize"}, help.Mode{Reads: "filename environment"})
	help.Modes(cmd, help.Mode{If: "filename", Reads: "recursive"})
	help.Modes(cmd, help.Mode{If: "prune", Reads: "prune-certificates set"})
	help.Modes(cmd, help.Mode{If: "output=json,markdown"}, help.Mode{Reads: "summary"})
	help.Modes(cmd, output.ColorModes...)
}

func (o *Options) complete(operands []string) error {
	o.Operands = operands
	if err := o.Output.Validate(); err != nil {
		return err
	}
	if err := o.Color.Validate(); err != nil {
		return err
	}
	o.IO = o.IO.WithColor(o.Color.Mode)
	if len(operands) == 2 && operands[0] == source.Stdin && operands[1] == source.Stdin {
		return errors.New("stdin can be one side only")
	}
	return nil
}
