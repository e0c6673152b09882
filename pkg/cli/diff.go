package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

type diffFlags struct {
	project projectFlags
	output  string
	summary bool
	color   string
	target  targetFlags
	live    bool
	prune   bool
}

func newDiffCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff [A B]",
		Short: "Show what a change of certs.yaml would do, or how two trees differ",
		Long: "Show, object by object, what generate would change in what the overlays build to.\n\n" +
			"With A and B, compare any two of: a kustomization, a folder, a file, - for stdin,\n" +
			"or git:REVISION:PATH. The order of keys and the file an object is in are no\n" +
			"difference. Secrets are masked; certificates are shown as what they say.\n" +
			"Needs no cluster, but for --live: what applying would change there, asked of the\n" +
			"server by dry-run where anything differs.\n\n" +
			"Exit codes: 0 no difference, 1 differences, 2 failed.",
		Example: "  kubectl certs diff\n" +
			"  kubectl certs diff --summary\n" +
			"  kubectl certs diff git:HEAD:overlays/prod overlays/prod -o markdown\n" +
			"  kubectl certs diff --live -k overlays/prod",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 2 {
				return nil
			}
			return withHint(fmt.Errorf("diff takes no operands or two, not %d", len(args)), "kubectl certs diff overlays/staging overlays/prod")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !f.live {
				if err := noNamespace(cmd); err != nil {
					return err
				}
			}
			in, err := f.input(cmd.Context(), env, config, args)
			if err != nil {
				return err
			}
			return diffRun(env, in)
		},
	}
	f.project.add(cmd.Flags())
	f.target.add(cmd.Flags())
	cmd.Flags().BoolVar(&f.live, "live", false, "compare with the cluster: what applying would change")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "with --live: also objects of the set that are no longer wanted")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "json or markdown (for pull requests) instead of text")
	cmd.Flags().BoolVar(&f.summary, "summary", false, "one line an object")
	cmd.Flags().StringVar(&f.color, "color", "auto", "auto, always or never")
	return cmd
}

type diffInput struct {
	diffFlags
	old, new []diff.Overlay
	edited   []string // files that generate keeps, since they were edited by hand
	folders  []string // of files that are no objects, and would change
}

func (f diffFlags) input(ctx context.Context, env Env, config *genericclioptions.ConfigFlags, operands []string) (diffInput, error) {
	in := diffInput{diffFlags: f}
	if err := oneOf("output", f.output, "", "json", "markdown"); err != nil {
		return in, err
	}
	if err := oneOf("color", f.color, "auto", "always", "never"); err != nil {
		return in, err
	}
	if f.summary && f.output != "" {
		return in, errors.New("--summary and -o exclude each other")
	}
	if !f.live && (f.prune || f.target != targetFlags{}) {
		return in, errors.New("-k, --set and --prune go with --live")
	}
	if f.live {
		if len(operands) > 0 {
			return in, errors.New("--live compares certs.yaml or -k with the cluster; it takes no operands")
		}
		var err error
		in.old, in.new, err = f.liveSides(ctx, env, config)
		return in, err
	}
	var err error
	if len(operands) == 2 {
		in.old, in.new, err = readOperands(ctx, env, operands[0], operands[1])
		return in, err
	}
	in.old, in.new, err = in.treeSides(ctx, env)
	return in, err
}

// treeSides are the overlays as they are and as generate --force would leave
// them.
func (in *diffInput) treeSides(ctx context.Context, env Env) (old, new []diff.Overlay, err error) {
	p, err := in.project.open(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	tree, err := p.Tree()
	if err != nil {
		return nil, nil, err
	}
	update, err := tree.Update(true)
	if err != nil {
		return nil, nil, err
	}
	in.edited, in.folders = tree.HandEdited(update), project.ChangedFolders(update)
	return tree.Sides(ctx, update)
}

// liveSides are the objects in the cluster as they are and as applying would
// leave them. Fields of others are told, for apply would not take them over.
func (f diffFlags) liveSides(ctx context.Context, env Env, config *genericclioptions.ConfigFlags) (old, new []diff.Overlay, err error) {
	t, err := f.target.load(ctx, env, f.project)
	if err != nil {
		return nil, nil, err
	}
	client, err := env.factory.Kube()
	if err != nil {
		return nil, nil, err
	}
	placed, others, err := place(env, client, t.Objects)
	if err != nil {
		return nil, nil, err
	}
	defer env.progress("reading the cluster")()
	applier := apply.New(client)
	preview, err := applier.Preview(ctx, placed)
	if err != nil {
		return nil, nil, err
	}
	if f.prune {
		objects, err := prunable(ctx, env, applier, apply.Pruning{Set: t.Set, Keep: placed, Soon: placed})
		if err != nil {
			return nil, nil, err
		}
		preview.Live = append(preview.Live, objects...)
	}
	for _, c := range preview.Conflicts {
		for _, field := range c.Fields {
			env.say("note: %s: %s", c.ID, field)
		}
	}
	return []diff.Overlay{{Objects: preview.Live}}, []diff.Overlay{{Objects: append(preview.After, others...)}}, nil
}

func diffRun(env Env, in diffInput) error {
	changes, err := diff.Overlays(in.old, in.new)
	if err != nil {
		return err
	}
	if err := in.print(env, changes); err != nil {
		return err
	}
	for _, dir := range in.folders {
		env.say("note: files in %s would change, which are no objects; generate --dry-run lists them", dir)
	}
	if len(changes) == 0 && len(in.folders) == 0 {
		return nil
	}
	if in.output == "" && len(changes) > 0 {
		env.say("%s", diff.Count(changes))
	}
	for _, file := range in.edited {
		env.say("note: %s was edited by hand; generate keeps it unless --force is given", file)
	}
	return errFound
}

func (in diffInput) print(env Env, changes []diff.Change) error {
	switch {
	case in.output == "json":
		return diff.JSON(env.Out, changes)
	case in.output == "markdown":
		return diff.Markdown(env.Out, changes)
	case in.summary:
		return diff.Summary(env.Out, changes)
	}
	color := in.color == "always" || in.color == "auto" && env.Color
	return diff.Text(env.Out, changes, diff.TextOptions{Color: color})
}
