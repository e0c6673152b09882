package bundle

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Limits  *limits.Budget
	Process *lifecycle.Process
	Program string // as it was called, for what a text proposes

	Output *output.Flags
	File   output.File
	Flags  certificates.Flags

	Sources []string
	Check   certificates.Check
	Pins    []cabundle.Pin // of certificates to take of those that servers send

	pins []string
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Limits: f.Limits, Process: f.Process, Output: output.ForData(output.PEM)}
	cmd := &cobra.Command{
		Use:   "bundle SOURCE...",
		Short: "Write CA certificates as one canonical PEM bundle",
		Long: "Write CA certificates as one canonical PEM bundle: sorted by subject, without\n" +
			"duplicates, with a comment before each (without comments for --target aks).\n" +
			"Repairs are reported on stderr. If an error cannot be repaired, nothing is\n" +
			"written.\n\n" +
			certificates.SourcesHelp + "\n" +
			"Certificates of a server need one --pin each.\n\n" +
			"Exit codes: 0 written, 1 errors found and nothing written, 2 failed.",
		Example: "  kubectl certs trust bundle corp/ legacy.p12 -O roots.pem\n" +
			"  kubectl certs trust bundle --target aks roots.pem -O aks-roots.pem\n" +
			"  kubectl certs trust bundle registry.example.com:443\n" +
			"  kubectl get secret corp-ca -o yaml | kubectl certs trust bundle -",
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
	o.File.AddTo(cmd)
	cmd.Flags().StringArrayVar(&o.pins, "pin", nil, "fingerprint of a server's certificate to accept, as sha256:HEX")
	help.Modes(cmd, help.Mode{Reads: "target as-of allow password-file output-file pin"})
	return cmd
}

// complete takes the sources, and refuses what is wrong about the flags.
func (o *Options) complete(args []string) error {
	o.Sources = args
	if err := o.Output.Validate(); err != nil {
		return err
	}
	if err := o.File.Validate(); err != nil {
		return err
	}
	for _, s := range o.pins {
		pin, err := cabundle.ParsePin(s)
		if err != nil {
			return fmt.Errorf("--pin %w", err)
		}
		o.Pins = append(o.Pins, pin)
	}
	var err error
	o.Check, err = o.Flags.Check()
	return err
}
