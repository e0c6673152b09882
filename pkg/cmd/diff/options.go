package diff

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
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
			if !o.Live {
				if err := cmdutil.NoNamespace(cmd, "set namespace: in certs.yaml, or compare with the cluster: --live"); err != nil {
					return err
				}
			}
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func noneOrTwo(_ *cobra.Command, args []string) error {
	if len(args) == 0 || len(args) == 2 {
		return nil
	}
	return hint.With(fmt.Errorf("diff takes two operands or none, not %d", len(args)), "kubectl certs diff overlays/staging overlays/prod")
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
}

// liveOnly returns the given flags that only a comparison with the cluster has.
func (o *Options) liveOnly() []string {
	var given []string
	for _, flag := range []struct {
		name string
		set  bool
	}{
		{"-k", o.Target.Kustomize != ""}, {"-R", o.Project.Recursive()}, {"--set", o.Target.Set != ""},
		{"--prune", o.Target.Prune}, {"--prune-certificates", o.Target.PruneCertificates},
	} {
		if flag.set {
			given = append(given, flag.name)
		}
	}
	return given
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
	switch {
	case o.Summary && !o.Output.IsText():
		return errors.New("--summary and -o cannot be used together")
	case !o.Live && len(o.liveOnly()) > 0:
		return fmt.Errorf("%s can only be used with --live", strings.Join(o.liveOnly(), ", "))
	case o.Live && len(operands) > 0:
		return errors.New("--live compares certs.yaml or -k with the cluster; it takes no operands")
	case len(operands) == 2 && operands[0] == source.Stdin && operands[1] == source.Stdin:
		return errors.New("stdin can be one side only")
	}
	return o.Target.Validate(&o.Project)
}
