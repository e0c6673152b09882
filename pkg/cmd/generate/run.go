package generate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// Run prints the objects of an environment, or compares the tree with certs.yaml
// and writes what differs.
func Run(ctx context.Context, o *Options) error {
	o.Process.SetUnwritten(o.writes())
	switch {
	case o.prints():
		return printEnvironment(ctx, o)
	case o.writes():
		return o.Locked(ctx, func() error { return updateTree(ctx, o) })
	}
	return updateTree(ctx, o)
}

func printEnvironment(ctx context.Context, o *Options) error {
	p, err := o.Open(ctx)
	if err != nil {
		return err
	}
	environments := p.Environments()
	if len(environments) > 1 {
		return fmt.Errorf("-o %s prints one environment; choose it with -e: %s", o.Output.Format(), strings.Join(project.Names(environments), ", "))
	}
	return printObjects(o, environments[0].Objects)
}

func updateTree(ctx context.Context, o *Options) error {
	p, err := o.Open(ctx)
	if err != nil {
		return err
	}
	tree, err := p.Tree()
	if err != nil {
		return err
	}
	update, err := tree.Update(o.Force)
	if err != nil {
		return err
	}
	checks, err := tree.CheckBuilds(ctx, update)
	if _, broken := errors.AsType[*project.BuildError](err); broken {
		return hint.With(err, "nothing was written, because the tree would not build")
	}
	if err != nil {
		return err
	}
	if o.Check {
		return reportCheck(o, update)
	}
	servers := tree.ServerChanges(ctx, update)
	if o.writes() {
		if err := o.Process.WriteFiles(func() error { return write(o, tree, update) }); err != nil {
			return err
		}
	}
	err = reportUpdate(o, update, checks)
	for _, c := range servers {
		o.IO.Messagef("note: %s", c)
	}
	if o.writes() {
		reportLint(o, p.Lint())
	}
	return err
}

func write(o *Options, tree *project.Tree, u overlay.Update) error {
	removed, err := tree.Write(u)
	if removed > 0 {
		o.IO.Messagef("removed %s that an interrupted run left", phrase.Count(removed, "temporary file"))
	}
	return err
}
