package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/bundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// projectFlags name a certs.yaml and the tree that belongs to it.
type projectFlags struct {
	file, dir, environment string
	flags                  *pflag.FlagSet // nil where another file names the certs.yaml
}

func (f *projectFlags) add(flags *pflag.FlagSet) {
	f.addFile(flags, "certs.yaml", "the certs.yaml to read; - is stdin")
	flags.StringVarP(&f.dir, "dir", "d", "", "folder of the tree (default: where certs.yaml is)")
	flags.StringVarP(&f.environment, "environment", "e", "", "only this environment (with generate: what -o prints)")
}

func (f *projectFlags) addFile(flags *pflag.FlagSet, usual, usage string) {
	f.flags = flags
	flags.StringVarP(&f.file, "filename", "f", usual, usage)
}

// tree returns the folder of the tree.
func (f projectFlags) tree() string {
	if f.dir == "" {
		return filepath.Dir(f.file)
	}
	return f.dir
}

// project is a certs.yaml, what it means, and the tree on disk.
type project struct {
	dir          string
	environments []overlay.Environment // one if chosen by -e
	chosen       bool
	generated    overlay.Generated
	have         overlay.Tree
}

// load reads everything and refuses what is wrong, all problems at once.
func (f projectFlags) load(ctx context.Context, env Env) (project, error) {
	doc, err := f.parse(env)
	if err != nil {
		return project{}, err
	}
	base, environments, err := f.build(ctx, env, doc)
	if err != nil {
		return project{}, err
	}
	p := project{dir: f.tree(), chosen: f.environment != ""}
	p.generated = overlay.New(base, environments)
	if p.environments, err = f.choose(base, environments); err != nil {
		return project{}, err
	}
	p.have, err = readTree(p.dir)
	return p, err
}

func (f projectFlags) parse(env Env) (spec.Document, error) {
	var data []byte
	var err error
	if f.file == "-" {
		data, err = disk.ReadAll(env.In, "stdin")
		return parseSpec(env.Limits, "stdin", data, err)
	}
	data, err = readFile(f.file, f.flags != nil && f.flags.Changed("filename"))
	if errors.Is(err, fs.ErrNotExist) {
		return spec.Document{}, withHint(err, "name the file with -f; README.md shows a first one")
	}
	return parseSpec(env.Limits, f.file, data, err)
}

// readFile reads a file: one that the user names wherever it is, another one only
// if it is no link out of what may be read.
func readFile(file string, named bool) ([]byte, error) {
	if named {
		return disk.ReadFile(file)
	}
	return disk.ReadBeside(file)
}

func parseSpec(budget *limits.Budget, name string, data []byte, err error) (spec.Document, error) {
	if err != nil {
		return spec.Document{}, err
	}
	return spec.ParseWithin(budget, name, data)
}

// build reads the certificates that a certs.yaml names, plans all that, and
// builds the objects of its base and environments.
func (f projectFlags) build(ctx context.Context, env Env, doc spec.Document) (overlay.Content, []overlay.Environment, error) {
	reader := newRootsReader(ctx, env, filepath.Dir(f.file))
	base := content(plan.New(doc.Base, reader.read("", doc.Base.Trust)))
	if err := doc.Refuse(reader.found); err != nil { // an environment would only repeat it
		return base, nil, err
	}
	environments := make([]overlay.Environment, len(doc.Environments))
	for i, e := range doc.Environments {
		own := content(plan.New(e.Certs, reader.read(e.Name, e.Certs.Trust)))
		overlay.Share(base.Objects, own.Objects)
		environments[i] = overlay.Environment{Name: e.Name, Content: own}
	}
	return base, environments, doc.Refuse(reader.found)
}

// one builds the one environment that a cluster is.
func (f projectFlags) one(ctx context.Context, env Env, doc spec.Document) (overlay.Environment, error) {
	base, environments, err := f.build(ctx, env, doc)
	if err != nil {
		return overlay.Environment{}, err
	}
	if environments, err = f.choose(base, environments); err != nil {
		return overlay.Environment{}, err
	}
	if len(environments) > 1 {
		return overlay.Environment{}, fmt.Errorf("a cluster is one environment; choose with -e: %s", strings.Join(names(environments), ", "))
	}
	return environments[0], nil
}

func content(p plan.Plan) overlay.Content {
	return overlay.Content{Objects: manifest.Build(p), Folders: bundle.Folders(p)}
}

// choose returns the environment that is asked for, or all; the base is one
// where there are none.
func (f projectFlags) choose(base overlay.Content, environments []overlay.Environment) ([]overlay.Environment, error) {
	if len(environments) == 0 {
		environments = []overlay.Environment{{Name: "default", Content: base}}
	}
	if f.environment == "" {
		return environments, nil
	}
	i := slices.IndexFunc(environments, func(e overlay.Environment) bool { return e.Name == f.environment })
	if i < 0 {
		return nil, fmt.Errorf("no environment %q in %s; there are %s", f.environment, f.file, strings.Join(names(environments), ", "))
	}
	return environments[i : i+1], nil
}

func names(environments []overlay.Environment) []string {
	list := make([]string, len(environments))
	for i, e := range environments {
		list[i] = e.Name
	}
	return list
}

// readTree reads the tree at dir; a folder that is not there holds nothing.
func readTree(dir string) (overlay.Tree, error) {
	tree, err := disk.Read(dir, overlay.Dirs...)
	if errors.Is(err, fs.ErrNotExist) {
		return overlay.Tree{}, nil
	}
	return tree, err
}

// builder returns a builder that need not parse what was just generated.
func (p project) builder(env Env) *overlay.Builder {
	b := &overlay.Builder{Limits: env.Limits}
	for _, f := range p.generated.Files {
		if f.Objects != nil {
			b.Know(f.Data, f.Objects)
		}
	}
	return b
}

// oneOf checks a flag that takes one of a few words.
func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	words := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	return fmt.Errorf("--%s %q: must be one of %s", flag, value, strings.Join(words, ", "))
}

// noNamespace refuses kubectl's -n where there is no cluster for it to mean
// anything in.
func noNamespace(cmd *cobra.Command) error {
	if flag := cmd.Flag("namespace"); flag != nil && flag.Changed {
		return withHint(errors.New("-n means nothing without a cluster"), "namespaces are in certs.yaml")
	}
	return nil
}

func countTrue(flags ...bool) int {
	n := 0
	for _, set := range flags {
		if set {
			n++
		}
	}
	return n
}
