package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
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
			return locked(cmd.Context(), env, f.project.file, f.project.tree(), func() error { return f.run(cmd.Context(), env) })
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
	project project
	update  overlay.Update
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
	var err error
	if in.project, err = f.project.load(ctx, env); err != nil {
		return in, err
	}
	if f.output != "" {
		if len(in.project.environments) > 1 {
			return in, fmt.Errorf("-o %s prints one environment; choose with -e: %s", f.output, strings.Join(names(in.project.environments), ", "))
		}
		return in, nil
	}
	in.update, err = overlay.Plan(in.project.have, in.project.generated, f.force)
	return in, err
}

func generateRun(ctx context.Context, env Env, in generateInput) error {
	if in.output != "" {
		return printObjects(env, in.project.environments[0].Objects, in.output)
	}
	checks, err := checkBuilds(ctx, env, in.project, in.update)
	if err != nil {
		return err
	}
	if in.check {
		return reportCheck(env, in.update)
	}
	if !in.dryRun {
		if err := env.writeFiles(func() error { return writeTree(env, in.project.dir, in.update) }); err != nil {
			return err
		}
	}
	return reportGenerate(env, in, checks)
}

func writeTree(env Env, dir string, u overlay.Update) error {
	swept, err := disk.Sweep(dir, overlay.Dirs...)
	if err != nil {
		return fmt.Errorf("remove temporary files of an interrupted run: %w", err)
	}
	if len(swept) > 0 {
		env.say("removed %s that an interrupted run left", count(len(swept), "temporary file"))
	}
	if !u.Dirty() {
		return nil
	}
	return disk.Write(dir, u.Writes, u.Deletes)
}

// buildCheck is an overlay that builds, and to how many objects.
type buildCheck struct {
	name    string
	objects int
}

// checkBuilds builds every overlay as it will be, before anything is written.
func checkBuilds(ctx context.Context, env Env, p project, u overlay.Update) ([]buildCheck, error) {
	fsys, root, err := treeFS(env, p.dir)
	if err != nil {
		return nil, err
	}
	after, builder := overlay.Layer(fsys, root, u), p.builder(env)
	var checks []buildCheck
	for _, e := range p.environments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !p.hasObjects(e) {
			continue
		}
		done := env.progress("building " + path.Join(overlay.OverlaysDir, e.Name))
		dir := path.Join(root, overlay.OverlaysDir, e.Name)
		objects, err := builder.Build(after, dir)
		done()
		if err != nil {
			return nil, withHint(err, "nothing was written; the tree would not build")
		}
		if err := overlay.CheckReferences(objects, e.Objects, overlay.NameAffixes(after, dir)); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", overlay.OverlaysDir, e.Name, err)
		}
		checks = append(checks, buildCheck{e.Name, len(objects)})
	}
	return checks, nil
}

// hasObjects reports whether an environment is one that can be built: one of
// nothing but files for nodes is not.
func (p project) hasObjects(e overlay.Environment) bool {
	_, wanted := p.generated.Kustomizations[path.Join(overlay.OverlaysDir, e.Name)]
	return wanted
}

// treeFS opens the folder of a tree, which need not be there yet.
func treeFS(env Env, dir string) (fsys fs.FS, root string, err error) {
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return noFiles{}, ".", nil
	}
	fsys, root, err = disk.Open(dir)
	return disk.Guard(fsys, env.Limits.Err), root, err
}

// noFiles is the file system of a folder that does not exist.
type noFiles struct{}

func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
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
