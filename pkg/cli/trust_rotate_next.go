package cli

import (
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

type rotateNextFlags struct {
	rotateFlags
	dryRun bool
}

func newTrustRotateNextCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f rotateNextFlags
	cmd := &cobra.Command{
		Use:   "next",
		Short: "Make the next edit of a rotation, if nothing is in its way",
		Long: "Make the next edit of a rotation, if what it waits for is there: write the bundle with the\n" +
			"new CA or without the old one, or name the new Secret in the files of issuers. Only files\n" +
			"are written, all or none; commit them, and let them get to the cluster as always. A CA\n" +
			"that a live certificate needs is never removed.\n\n" +
			"Exit codes: 0 edited, or done; 1 something is in the way, or for a person to do; 2 failed.",
		Example: "  kubectl certs trust rotate next --dry-run\n" +
			"  kubectl certs trust rotate next -f ca/rotation.yaml",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env.willWrite(true)
			run := func() error {
				in, err := f.load(cmd, env, config)
				if err != nil {
					return err
				}
				return rotateNextRun(cmd.Context(), env, f, in)
			}
			if f.dryRun {
				return run()
			}
			return env.factory.Locked(cmd.Context(), f.file, filepath.Dir(f.file), run)
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be written, and write nothing")
	return cmd
}

func rotateNextRun(ctx context.Context, env Env, f rotateNextFlags, in *rotateInput) error {
	facts, err := in.facts(ctx, env)
	if err != nil {
		return err
	}
	s := rotation.Decide(facts)
	edit, err := in.plan.Rotation.Next(facts, s, in.plan.Read)
	if err != nil {
		return err
	}
	if len(edit.Writes) == 0 {
		if err := newRotateView(in, s).print(env, ""); err != nil {
			return err
		}
		if s.Step == rotation.Done {
			return nil
		}
		return errFound
	}
	if !f.dryRun {
		if err := env.writeFiles(func() error { return filetree.Write(in.plan.Dir, edit.Writes, nil) }); err != nil {
			return err
		}
	}
	for _, line := range edit.Changes {
		env.print("%s", line)
	}
	for _, w := range s.Warnings {
		env.say("warning: %s", w)
	}
	if s.Bundle != nil && in.plan.OwnComments {
		env.say("warning: the comments in %s are not kept; each certificate gets one that says what it is", in.plan.Rotation.Bundle)
	}
	if f.dryRun {
		env.say("dry run: %s not written", count(len(edit.Writes), "file"))
		return nil
	}
	env.say("wrote %s; %s, and let it get to the cluster, then: %s trust rotate status", count(len(edit.Writes), "file"), in.afterEdit(s, edit.Writes), in.program)
	return nil
}

// afterEdit says what to do with the files that were written.
func (in *rotateInput) afterEdit(s rotation.Status, writes map[string][]byte) string {
	if s.Bundle != nil {
		return in.rewrite()
	}
	var specs []string
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		if isSpec.Match(writes[name]) {
			specs = append(specs, in.plan.Path(name))
		}
	}
	return in.generate(specs...)
}

// isSpec finds a certs.yaml among what is written.
var isSpec = regexp.MustCompile(`(?m)^kind: *Certs\b`)
