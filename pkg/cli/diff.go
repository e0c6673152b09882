package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/bundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
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
	p, err := f.project.load(ctx, env)
	if err != nil {
		return in, err
	}
	update, err := overlay.Plan(p.have, p.generated, true)
	if err != nil {
		return in, err
	}
	in.edited, in.folders = handEdited(p, update), changedFolders(update)
	in.old, in.new, err = p.sides(ctx, env, update)
	return in, err
}

// handEdited lists the files that generate would overwrite only with --force.
func handEdited(p project, forced overlay.Update) []string {
	var edited []string
	for _, c := range forced.Changes {
		if _, there := p.have[c.Path]; there && c.Action != overlay.Unchanged && p.have.IsHandEdited(c.Path) {
			edited = append(edited, c.Path)
		}
	}
	return edited
}

// changedFolders lists the folders with files that no overlay builds, but nodes
// and components take, and that would change.
func changedFolders(forced overlay.Update) []string {
	var dirs []string
	for _, c := range forced.Changes {
		if dir := path.Dir(c.Path); c.Action != overlay.Unchanged && c.Action != overlay.Kept && bundle.Holds(c.Path) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// sides builds every overlay as it is and as generate --force would leave it.
func (p project) sides(ctx context.Context, env Env, update overlay.Update) (old, new []diff.Overlay, err error) {
	fsys, root, err := treeFS(env, p.dir)
	if err != nil {
		return nil, nil, err
	}
	after, builder := overlay.Layer(fsys, root, update), p.builder(env)
	build := func(fsys fs.FS, label string) (diff.Overlay, error) {
		if err := ctx.Err(); err != nil {
			return diff.Overlay{}, err
		}
		defer env.progress("building " + label)()
		objects, err := builder.Build(fsys, path.Join(root, label))
		return diff.Overlay{Label: label, Objects: objects}, err
	}
	for _, e := range p.environments {
		if !p.hasObjects(e) {
			continue
		}
		label := path.Join(overlay.OverlaysDir, e.Name)
		before := diff.Overlay{Label: label}
		if p.hasOverlay(label) {
			if before, err = build(fsys, label); err != nil {
				return nil, nil, err
			}
		}
		planned, err := build(after, label)
		if err != nil {
			return nil, nil, err
		}
		old, new = append(old, before), append(new, planned)
	}
	for _, label := range p.leftOver(update) {
		before, err := build(fsys, label)
		if err != nil {
			return nil, nil, err
		}
		old = append(old, before)
		if !p.stays(label, update) {
			continue
		}
		without, err := build(after, label)
		if err != nil {
			return nil, nil, err
		}
		new = append(new, without)
	}
	return old, new, nil
}

// leftOver lists the overlays on disk that no environment stands for any more
// and that generate would touch; none if one environment was chosen.
func (p project) leftOver(update overlay.Update) []string {
	var labels []string
	for _, c := range update.Changes {
		dir := path.Dir(c.Path)
		if _, wanted := p.generated.Kustomizations[dir]; wanted || p.chosen || path.Dir(dir) != overlay.OverlaysDir {
			continue
		}
		if (c.Action == overlay.Updated || c.Action == overlay.Deleted) && !slices.Contains(labels, dir) {
			labels = append(labels, dir)
		}
	}
	return labels
}

// stays reports whether a folder still is a kustomization after an update.
func (p project) stays(dir string, update overlay.Update) bool {
	for name := range p.have {
		if path.Dir(name) == dir && overlay.IsKustomization(name) && !slices.Contains(update.Deletes, name) {
			return true
		}
	}
	return false
}

// hasOverlay reports whether the folder of an overlay has anything yet.
func (p project) hasOverlay(dir string) bool {
	for name := range p.have {
		if path.Dir(name) == dir {
			return true
		}
	}
	return false
}

// liveSides are the objects in the cluster as they are and as applying would
// leave them. Fields of others are told, for apply would not take them over.
func (f diffFlags) liveSides(ctx context.Context, env Env, config *genericclioptions.ConfigFlags) (old, new []diff.Overlay, err error) {
	t, err := f.target.load(ctx, env, f.project)
	if err != nil {
		return nil, nil, err
	}
	client, err := connect(config)
	if err != nil {
		return nil, nil, err
	}
	placed, others, err := place(ctx, env, client, t.objects)
	if err != nil {
		return nil, nil, err
	}
	defer env.progress("reading the cluster")()
	preview, err := client.Preview(ctx, placed)
	if err != nil {
		return nil, nil, err
	}
	if f.prune {
		objects, err := leftOver(ctx, env, client, pruning{set: t.set, keep: placed, soon: placed})
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
