package generate

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Program string // as it was called, for what a text proposes
	Process *lifecycle.Process
	Project cmdutil.ProjectFlags
	Open    func(context.Context) (*project.Project, error)
	// Locked runs a function while no other process writes to the tree.
	Locked func(ctx context.Context, run func() error) error

	Output               *output.Flags // of objects that are printed instead of written
	DryRun, Check, Force bool
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Process: f.Process, Output: output.ForObjects()}
	o.Open = func(ctx context.Context) (*project.Project, error) { return o.Project.Open(ctx, f) }
	o.Locked = func(ctx context.Context, run func() error) error {
		options := o.Project.Options(f)
		return f.Locked(ctx, options.File, options.TreeDir(), run)
	}
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Generate a Kustomize tree from certs.yaml",
		Long: "Generate a Kustomize tree from certs.yaml: base/ with the objects, and overlays/\n" +
			"with a folder for each environment. All files are written, or none. Files that\n" +
			"were edited by hand are listed and kept, and so are entries that you add to a\n" +
			"kustomization.yaml. Needs no cluster.\n\n" +
			"Exit codes: 0 written or up to date, 1 out of date (--check) or files kept,\n" +
			"2 failed.",
		Example: "  kubectl certs generate\n" +
			"  kubectl certs generate --check\n" +
			"  kubectl certs generate -e prod -o yaml | kubectl apply -f -",
		Args: help.NoOperands("reads certs.yaml; -f names another file"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Program = cmd.Root().DisplayName()
			if err := o.Output.Validate(); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *Options) addFlags(cmd *cobra.Command) {
	o.Project.AddTo(cmd)
	o.Output.AddTo(cmd)
	printed := cmd.Flag("output")
	printed.Usage = "print objects instead of writing files; " + printed.Usage
	flags := cmd.Flags()
	cmdutil.AddDryRun(cmd, &o.DryRun, "only show what would be written")
	flags.BoolVar(&o.Check, "check", false, "write nothing; exit 1 if the tree is out of date")
	flags.BoolVar(&o.Force, "force", false, "overwrite and delete generated files edited by hand")
	help.Modes(cmd,
		help.Mode{If: "output template", Reads: "filename environment"},
		help.Mode{If: "check", Reads: "check filename dir force"},
		help.Mode{If: "dry-run", Reads: "dry-run filename dir force"},
		help.Mode{Reads: "filename dir force"})
}

// prints reports whether objects are printed and the tree is left alone.
func (o *Options) prints() bool { return !o.Output.Is(output.Text) }

// writes reports whether the tree is written, and not only compared.
func (o *Options) writes() bool { return !o.DryRun && !o.Check && !o.prints() }
