package lint

import (
	"context"
	"errors"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// Run checks the certs.yaml, or the paths, and prints the findings. The error is
// cmdutil.ErrFound if there are some as severe as FailOn; what could not be
// checked is an error too, after the findings.
func Run(ctx context.Context, o *Options) error {
	if o.Explain != "" {
		return explain(o)
	}
	c := check{o: o}
	if err := c.all(ctx); err != nil {
		return err
	}
	for i, f := range c.found {
		if slices.Contains(o.Allow, f.ID) && !f.Firm {
			c.found[i].Severity = finding.Note
		}
	}
	if err := o.print(c.found); err != nil {
		return err
	}
	if o.Output.IsText() && c.objects+len(c.roots) > 0 {
		o.IO.Messagef("%s: %s", c.checked(), c.summary())
	}
	if len(c.failed) > 0 {
		return problem.Join(c.failed...)
	}
	if o.fails(c.found) {
		return cmdutil.ErrFound
	}
	return nil
}

// fails reports whether a finding is as severe as FailOn.
func (o *Options) fails(found []lint.Merged) bool {
	if o.FailOn == never {
		return false
	}
	limit := slices.Index(finding.Severities(), finding.Severity(o.FailOn))
	return slices.ContainsFunc(found, func(f lint.Merged) bool { return slices.Index(finding.Severities(), f.Severity) <= limit })
}

// check is what has been checked so far.
type check struct {
	o       *Options
	found   []lint.Merged
	failed  []error         // what could not be checked, though the rest was
	objects int             // that were checked
	roots   map[string]bool // the certificates that a certs.yaml names, by content
}

func (c *check) all(ctx context.Context) error {
	if len(c.o.Paths) > 0 {
		c.paths(ctx)
		return nil
	}
	in, err := project.Read(ctx, c.o.Project)
	if err != nil {
		return cmdutil.MissingHint(err)
	}
	switch {
	case in.Certs != nil:
		return c.document(ctx, c.o.Project, *in.Certs, in.Manifests)
	case c.o.Project.Environment != "":
		return errors.New("-e needs a certs.yaml, and -f names only manifests")
	}
	return c.targets(ctx, lint.Targets{All: [][]position.Document{in.Manifests}})
}

// targets checks manifests.
func (c *check) targets(ctx context.Context, targets lint.Targets) error {
	found, objects, err := lint.CheckTargets(targets, c.o.Project.Now, ctx.Err)
	c.found, c.objects = append(c.found, found...), c.objects+objects
	return err
}

// document checks a certs.yaml in each of its environments, together with the
// manifests beside it. Files that it names and that cannot be read are among the
// failures.
func (c *check) document(ctx context.Context, o project.Options, doc config.Document, manifests []position.Document) error {
	result, err := project.Lint(ctx, o, doc, manifests)
	if err != nil {
		return err
	}
	if result.Failed != nil {
		c.failed = append(c.failed, result.Failed)
	}
	if c.roots == nil {
		c.roots = map[string]bool{}
	}
	for _, root := range result.Roots {
		c.roots[string(root.Raw)] = true
	}
	c.found, c.objects = append(c.found, result.Findings...), c.objects+result.Objects
	return nil
}
