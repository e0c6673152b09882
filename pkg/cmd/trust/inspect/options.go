package inspect

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Limits  *limits.Budget
	Program string // as it was called, for what a text proposes
	Version string // of the program

	Output *output.Flags
	Color  cmdutil.ColorFlag
	Flags  certificates.Flags

	Sources []string
	Check   certificates.Check
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Limits: f.Limits, Version: f.Version, Output: output.ForFindings()}
	cmd := &cobra.Command{
		Use:   "inspect SOURCE...",
		Short: "Check CA certificates and the files that hold them",
		Long: "List CA certificates, and report problems of the certificates and their files.\n" +
			"Each finding has a stable ID, a location and a fix.\n\n" +
			certificates.SourcesHelp + "\n\n" +
			"Exit codes: 0 no errors (warnings do not count), 1 errors found, 2 failed.",
		Example: "  kubectl certs trust inspect roots.pem\n" +
			"  kubectl certs trust inspect corp/ secret.yaml store.p12 --target aks\n" +
			"  kubectl certs trust inspect registry.example.com:443 -o wide",
		Args: certificates.NeedSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Program = cmd.Root().DisplayName()
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Flags.AddTo(cmd)
	o.Output.AddTo(cmd)
	o.Color.AddTo(cmd)
	help.Modes(cmd, help.Mode{Reads: "target as-of allow password-file"})
	help.Modes(cmd, output.ColorModes...)
	return cmd
}

// complete takes the sources, and refuses what is wrong about the flags.
func (o *Options) complete(args []string) error {
	o.Sources = args
	if err := o.Output.Validate(); err != nil {
		return err
	}
	if err := o.Color.Validate(); err != nil {
		return err
	}
	var err error
	o.Check, err = o.Flags.Check()
	return err
}
