package rotate

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
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
		Short: "Show at which step a rotation is, and what it waits for",
		Long: "Show at which step a rotation is, and what it waits for. Nothing is changed.\n\n" +
			"What is known of pods: one that was created after a place changed has read it; the time\n" +
			"of the change is the last write of whoever manages the place, so it may be later than\n" +
			"that of the certificates, and never earlier. What is not: whether a process reads what\n" +
			"its pod mounts, and certificates outside the cluster, in keystores and in memory.\n\n" +
			"With --gate, for pipelines: spread, issuance may be switched; drained, the old CA may be\n" +
			"removed; done. A gate that was passed stays open. With -o wide, all that every step\n" +
			"waits for.\n\n" +
			"Exit codes: 0 shown, or the gate is open; 1 it is not; 2 failed.",
		Example: "  kubectl certs trust rotate status\n" +
			"  kubectl certs trust rotate status -f ca/rotation.yaml --gate drained",
		Args: cobra.NoArgs,
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
	cmd.Flags().StringVar((*string)(&o.Gate), "gate", "", "exit 1 unless this gate is open: spread, drained or done")
	return cmd
}

// newStatusOptions returns options for a table of steps, which are no objects with
// names.
func newStatusOptions(f *cmdutil.Factory) *StatusOptions {
	return &StatusOptions{Rotation: newOptions(f), Output: output.ForRows().Without(output.Name)}
}

func (o *StatusOptions) complete() error {
	if err := o.Output.Validate(); err != nil {
		return err
	}
	return cmdutil.OneOf("gate", string(o.Gate), "", string(rotation.GateSpread), string(rotation.GateDrained), string(rotation.GateDone))
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
