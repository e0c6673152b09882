package rotate

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// NextOptions are the input of next.
type NextOptions struct {
	Rotation *Options
	Process  *lifecycle.Process
	DryRun   bool
	// Locked runs a function while no other process writes to a folder.
	Locked func(ctx context.Context, file, dir string, run func() error) error
}

// NewNextCmd returns the command. A nil run is RunNext.
func NewNextCmd(f *cmdutil.Factory, run func(context.Context, *NextOptions) error) *cobra.Command {
	if run == nil {
		run = RunNext
	}
	o := &NextOptions{Rotation: newOptions(f), Process: f.Process, Locked: f.Locked}
	cmd := &cobra.Command{
		Use:   "next",
		Short: "Make the next edit of a rotation if it is safe",
		Long: "Make the next edit of a rotation if it is safe: add the new CA to the bundle,\n" +
			"remove the old one, or name the new Secret in the files of issuers. Only files\n" +
			"are written, all or none; commit and deploy them as usual. A CA that a\n" +
			"certificate in the cluster needs is never removed.\n\n" +
			"Exit codes: 0 edited, or rotation done; 1 blocked; 2 failed.",
		Example: "  kubectl certs trust rotate next --dry-run\n" +
			"  kubectl certs trust rotate next -f ca/rotation.yaml",
		Args: help.NoOperands("reads rotation.yaml; -f names another file"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Rotation.complete(cmd); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Rotation.addTo(cmd)
	cmdutil.AddDryRun(cmd, &o.DryRun, "only show what would be written")
	help.Modes(cmd, help.Mode{Reads: "dry-run"})
	return cmd
}

// RunNext makes the next edit. The error is cmdutil.ErrFound if there is none to
// make, and the rotation is not done.
func RunNext(ctx context.Context, o *NextOptions) error {
	o.Process.SetUnwritten(true)
	run := func() error { return o.next(ctx) }
	if o.DryRun {
		return run()
	}
	return o.Locked(ctx, o.Rotation.File, filepath.Dir(o.Rotation.File), run)
}

func (o *NextOptions) next(ctx context.Context) error {
	l, err := o.Rotation.load(ctx)
	if err != nil {
		return err
	}
	facts, err := o.Rotation.facts(ctx, l)
	if err != nil {
		return err
	}
	s := rotation.Decide(facts)
	edit, err := l.plan.Rotation.Next(facts, s, l.plan.Read)
	if err != nil {
		return err
	}
	if len(edit.Writes) == 0 {
		return o.nothingToEdit(l, s)
	}
	if !o.DryRun {
		if err := o.Process.WriteFiles(func() error { return filetree.Write(l.plan.Dir, edit.Writes, nil) }); err != nil {
			return err
		}
	}
	o.report(l, s, edit)
	return nil
}

// nothingToEdit shows what is in the way.
func (o *NextOptions) nothingToEdit(l *loaded, s rotation.Status) error {
	if err := newStatusView(l, s).print(o.Rotation.IO, &output.Flags{}); err != nil {
		return err
	}
	if s.Step != rotation.Done {
		return cmdutil.ErrFound
	}
	return nil
}

// report says what was written, or would be, and what to do with it.
func (o *NextOptions) report(l *loaded, s rotation.Status, edit rotation.Edit) {
	io := o.Rotation.IO
	for _, line := range edit.Changes {
		io.Printf("%s", line)
	}
	for _, w := range s.Warnings {
		io.Messagef("warning: %s", w)
	}
	if s.Bundle != nil && l.plan.OwnComments {
		io.Messagef("warning: comments in %s are replaced by one for each certificate", l.plan.Rotation.Bundle)
	}
	files := phrase.Count(len(edit.Writes), "file")
	if o.DryRun {
		io.Messagef("dry run: %s not written", files)
		return
	}
	io.Messagef("wrote %s; %s, deploy, then: %s trust rotate status", files, l.advice().AfterEdit(s, edit.Writes, l.plan.Path), l.program)
}
