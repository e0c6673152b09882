package cmdutil

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// ProjectFlags name a certs.yaml and the tree that belongs to it.
type ProjectFlags struct {
	File, Dir, Environment string
	flags                  *pflag.FlagSet // nil where another file names the certs.yaml
}

// AddTo adds --filename, --dir and --environment to a command.
func (p *ProjectFlags) AddTo(cmd *cobra.Command) {
	p.AddFile(cmd, "certs.yaml", "the certs.yaml to read; - is stdin")
	cmd.Flags().StringVarP(&p.Dir, "dir", "d", "", "folder of the tree (default: where certs.yaml is)")
	p.AddEnvironment(cmd, "only this environment (with generate: what -o prints)")
}

// AddFile adds --filename.
func (p *ProjectFlags) AddFile(cmd *cobra.Command, usual, usage string) {
	p.flags = cmd.Flags()
	p.flags.StringVarP(&p.File, "filename", "f", usual, usage)
}

// AddEnvironment adds --environment, which is completed from the certs.yaml of
// --filename.
func (p *ProjectFlags) AddEnvironment(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVarP(&p.Environment, "environment", "e", "", usage)
	complete := func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		doc, err := project.Parse(project.Options{File: cmp.Or(p.File, "certs.yaml"), Named: p.named()})
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return project.EnvironmentNames(doc), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc("environment", complete); err != nil {
		panic(err) // the command has no such flag
	}
}

func (p *ProjectFlags) named() bool { return p.flags != nil && p.flags.Changed("filename") }

// Options are those of the project that the flags name.
func (p *ProjectFlags) Options(f *Factory) project.Options {
	return project.Options{
		File: p.File, Named: p.named(), Dir: p.Dir, Environment: p.Environment,
		Stdin: f.IO.In, Limits: f.Limits, Now: time.Now(),
		Note:     func(note string) { f.IO.Messagef("note: %s", note) },
		Report:   func(finding string) { f.IO.Messagef("%s", finding) },
		Progress: f.IO.Progressing,
	}
}

// Open reads certs.yaml and the certificates that it names.
func (p *ProjectFlags) Open(ctx context.Context, f *Factory) (*project.Project, error) {
	opened, err := project.Open(ctx, p.Options(f))
	return opened, MissingHint(err)
}

// Parse reads certs.yaml alone.
func (p *ProjectFlags) Parse(f *Factory) (spec.Document, error) {
	doc, err := project.Parse(p.Options(f))
	return doc, MissingHint(err)
}

// MissingHint says what to do if there is no certs.yaml.
func MissingHint(err error) error {
	if _, missing := errors.AsType[*project.NotFoundError](err); missing {
		return hint.With(err, "name the file with -f; README.md shows a first one")
	}
	return err
}

// TargetFlags name what is to be in a cluster: a kustomization, or an environment
// of a certs.yaml.
type TargetFlags struct {
	Kustomize, Set string
}

// AddTo adds --kustomize and --set to a command.
func (t *TargetFlags) AddTo(cmd *cobra.Command) {
	t.AddKustomize(cmd, "take the objects from this kustomization instead of certs.yaml")
	cmd.Flags().StringVar(&t.Set, "set", "", "name of the set that applied objects are labelled with (default: certs.yaml's name and the environment)")
}

// AddKustomize adds --kustomize.
func (t *TargetFlags) AddKustomize(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVarP(&t.Kustomize, "kustomize", "k", "", usage)
}

// Load builds the kustomization, or plans the one environment of the project.
func (t *TargetFlags) Load(ctx context.Context, f *Factory, p *ProjectFlags) (project.Target, error) {
	target, err := t.read(ctx, f, p)
	target.Set = cmp.Or(t.Set, target.Set)
	return target, err
}

func (t *TargetFlags) read(ctx context.Context, f *Factory, p *ProjectFlags) (project.Target, error) {
	if t.Kustomize != "" {
		return project.BuildTarget(f.Limits, t.Kustomize)
	}
	opened, err := p.Open(ctx, f)
	if err != nil {
		return project.Target{}, err
	}
	return opened.Target()
}
