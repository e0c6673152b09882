package rotate

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// StatusOptions are the input of status.
type StatusOptions struct {
	Rotation *Options
	Output   *output.Flags
	Gate     rotation.Gate // that must be open, "" for none
}

// NewStatusCmd returns the command. A nil run is RunStatus.
func NewStatusCmd(f *cmdutil.Factory, run func(context.Context, *StatusOptions) error) *cobra.Command {
	if run == nil {
		run = RunStatus
	}
	o := newStatusOptions(f)
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the step of a rotation, and what it waits for",
		Long: "Show the step of a rotation, and what it waits for. Nothing is changed.\n\n" +
			"A pod counts as updated if it was created after the last write to a location\n" +
			"that it mounts. Not checked: whether a process reloads the files, and\n" +
			"certificates outside the cluster, in keystores and in memory.\n\n" +
			"Gates for pipelines (--gate), which stay open once they are:\n" +
			"  distributed  issuers may switch to the new CA\n" +
			"  drained      the old CA may be removed from the bundle\n" +
			"  done         nothing has the old CA\n" +
			"With -o wide, show what every step waits for.\n\n" +
			"Exit codes: 0 shown, or gate open; 1 gate closed; 2 failed.",
		Example: "  kubectl certs trust rotate status\n" +
			"  kubectl certs trust rotate status -f ca/rotation.yaml --gate drained",
		Args: help.NoOperands("reads rotation.yaml; -f names another file"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(); err != nil {
				return err
			}
			if err := o.Rotation.complete(cmd); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Rotation.addTo(cmd)
	o.Output.AddTo(cmd)
	cmd.Flags().StringVar((*string)(&o.Gate), "gate", "", "exit 1 unless this gate is open: distributed, drained or done")
	help.Modes(cmd, help.Mode{Reads: "gate"})
	cmdutil.Offer(cmd, "gate", "distributed", "drained", "done")
	return cmd
}

// newStatusOptions returns options for a table of steps, which have no names of
// objects.
func newStatusOptions(f *cmdutil.Factory) *StatusOptions {
	return &StatusOptions{Rotation: newOptions(f), Output: output.ForRows().Without(output.Name)}
}

func (o *StatusOptions) complete() error {
	if err := o.Output.Validate(); err != nil {
		return err
	}
	return cmdutil.OneOf("gate", string(o.Gate), "", string(rotation.GateDistributed), string(rotation.GateDrained), string(rotation.GateDone))
}

// RunStatus prints the steps of a rotation. The error is cmdutil.ErrFound if the
// gate is not open.
func RunStatus(ctx context.Context, o *StatusOptions) error {
	l, err := o.Rotation.load(ctx)
	if err != nil {
		return err
	}
	facts, err := o.Rotation.facts(ctx, l)
	if err != nil {
		return err
	}
	v := newStatusView(l, rotation.Decide(facts))
	if err := v.print(o.Rotation.IO, o.Output); err != nil {
		return err
	}
	if o.Gate != "" && !v.gates[o.Gate] {
		o.Rotation.IO.Messagef("gate %s is not open", o.Gate)
		return cmdutil.ErrFound
	}
	return nil
}
