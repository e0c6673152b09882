package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

type generateFlags struct {
	project              projectFlags
	output               string
	dryRun, check, force bool
}

func newGenerateCmd(env Env) *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write the Kustomize tree that certs.yaml stands for",
		Long: "Write the Kustomize tree that certs.yaml stands for: base/ with the objects, and\n" +
			"overlays/ with one folder for each environment. All files are written or none.\n\n" +
			"Files that were edited by hand since they were generated are listed and kept;\n" +
			"entries that you add to a kustomization.yaml stay. Needs no cluster.\n\n" +
			"Only one process at a time writes to a tree: a second one waits, and fails after 10 s.\n\n" +
			"Exit codes: 0 written or up to date, 1 out of date (--check) or files kept, 2 failed.",
		Example: "  kubectl certs generate\n" +
			"  kubectl certs generate --check\n" +
			"  kubectl certs generate -e prod -o yaml | kubectl apply -f -",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := noNamespace(cmd); err != nil {
				return err
			}
			env.willWrite(true)
			if !f.writes() {
				return f.run(cmd.Context(), env)
			}
			return env.factory.Locked(cmd.Context(), f.project.file, f.project.options(env).TreeDir(), func() error { return f.run(cmd.Context(), env) })
		},
	}
	f.project.add(cmd.Flags())
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "print the objects as yaml, json or name instead of writing the tree")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only tell what would be written")
	cmd.Flags().BoolVar(&f.check, "check", false, "only tell whether the tree is up to date; exits 1 if not")
	cmd.Flags().BoolVar(&f.force, "force", false, "also overwrite and delete generated files that were edited by hand")
	return cmd
}

// writes reports whether the tree is written, not only compared or printed.
func (f generateFlags) writes() bool { return !f.dryRun && !f.check && f.output == "" }

func (f generateFlags) run(ctx context.Context, env Env) error {
	in, err := f.input(ctx, env)
	if err != nil {
		return err
	}
	return generateRun(ctx, env, in)
}

type generateInput struct {
	generateFlags
	environments []overlay.Environment // to print
	tree         *project.Tree
	update       overlay.Update
}

func (f generateFlags) input(ctx context.Context, env Env) (generateInput, error) {
	in := generateInput{generateFlags: f}
	if err := oneOf("output", f.output, "", "yaml", "json", "name"); err != nil {
		return in, err
	}
	if n := countTrue(f.dryRun, f.check, f.output != ""); n > 1 {
		return in, errors.New("--dry-run, --check and -o exclude each other")
	}
	if f.output == "" && f.project.environment != "" {
		return in, withHint(fmt.Errorf("-e goes with -o; the tree is written for all environments at once"), "leave out -e, or add -o yaml")
	}
	p, err := f.project.open(ctx, env)
	if err != nil {
		return in, err
	}
	if in.tree, err = p.Tree(); err != nil {
		return in, err
	}
	if in.environments = p.Environments(); f.output != "" {
		if len(in.environments) > 1 {
			return in, fmt.Errorf("-o %s prints one environment; choose with -e: %s", f.output, strings.Join(project.Names(in.environments), ", "))
		}
		return in, nil
	}
	in.update, err = in.tree.Update(f.force)
	return in, err
}

func generateRun(ctx context.Context, env Env, in generateInput) error {
	if in.output != "" {
		return printObjects(env, in.environments[0].Objects, in.output)
	}
	checks, err := in.tree.CheckBuilds(ctx, in.update)
	if _, broken := errors.AsType[*project.BuildError](err); broken {
		return withHint(err, "nothing was written; the tree would not build")
	}
	if err != nil {
		return err
	}
	if in.check {
		return reportCheck(env, in.update)
	}
	if !in.dryRun {
		if err := env.writeFiles(func() error { return writeTree(env, in.tree, in.update) }); err != nil {
			return err
		}
	}
	return reportGenerate(env, in, checks)
}

func writeTree(env Env, tree *project.Tree, u overlay.Update) error {
	removed, err := tree.Write(u)
	if removed > 0 {
		env.say("removed %s that an interrupted run left", count(removed, "temporary file"))
	}
	return err
}

// printObjects writes the objects of an environment as kubectl would.
func printObjects(env Env, built []manifest.Built, output string) error {
	objects := make([]manifest.Object, len(built))
	for i, b := range built {
		objects[i] = b.Object
	}
	switch output {
	case "name":
		for _, o := range objects {
			id := o.ID()
			kind := strings.TrimSuffix(strings.ToLower(id.Kind)+"."+id.Group, ".")
			env.print("%s/%s", kind, id.Name)
		}
		return nil
	case "json":
		return printJSON(env, map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
	}
	_, err := env.Out.Write(manifest.Join(objects))
	return err
}
