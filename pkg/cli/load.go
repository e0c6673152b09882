package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// projectFlags name a certs.yaml and the tree that belongs to it.
type projectFlags struct {
	file, dir, environment string
	flags                  *pflag.FlagSet // nil where another file names the certs.yaml
}

func (f *projectFlags) addFile(flags *pflag.FlagSet, usual, usage string) {
	f.flags = flags
	flags.StringVarP(&f.file, "filename", "f", usual, usage)
}

// options are those of the project that the flags name.
func (f projectFlags) options(env Env) project.Options {
	return project.Options{
		File: f.file, Named: f.flags != nil && f.flags.Changed("filename"), Dir: f.dir, Environment: f.environment,
		Stdin: env.In, Limits: env.Limits, Now: time.Now(),
		Note: env.note, Report: func(finding string) { env.say("%s", finding) }, Progress: env.progress,
	}
}

// open reads certs.yaml and the certificates that it names.
func (f projectFlags) open(ctx context.Context, env Env) (*project.Project, error) {
	p, err := project.Open(ctx, f.options(env))
	return p, missingHint(err)
}

// missingHint says what to do where there is no certs.yaml.
func missingHint(err error) error {
	if _, missing := errors.AsType[*project.NotFoundError](err); missing {
		return withHint(err, "name the file with -f; README.md shows a first one")
	}
	return err
}

// readFile reads a file: one that the user names wherever it is, another one only
// if it is no link out of what may be read.
func readFile(file string, named bool) ([]byte, error) {
	if named {
		return filetree.ReadFile(file)
	}
	return filetree.ReadBeside(file)
}

func parseSpec(budget *limits.Budget, name string, data []byte, err error) (spec.Document, error) {
	if err != nil {
		return spec.Document{}, err
	}
	return spec.ParseWithin(budget, name, data)
}

// noNamespace refuses kubectl's -n where there is no cluster for it to mean
// anything in.
func noNamespace(cmd *cobra.Command) error {
	if flag := cmd.Flag("namespace"); flag != nil && flag.Changed {
		return withHint(errors.New("-n means nothing without a cluster"), "namespaces are in certs.yaml")
	}
	return nil
}
