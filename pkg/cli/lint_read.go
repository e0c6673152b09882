package cli

import (
	"context"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// lintResult is what lint has found so far.
type lintResult struct {
	now     time.Time // the time to judge as of
	found   []lint.Merged
	failed  []error         // what could not be judged, though the rest was
	objects int             // that were judged
	roots   map[string]bool // the certificates that a certs.yaml names, by content
}

// certs judges a certs.yaml in each of its environments.
func (l *lintResult) certs(ctx context.Context, env Env, f projectFlags) error {
	doc, err := f.parse(env)
	if err != nil {
		return err
	}
	return l.document(ctx, f.options(env), doc)
}

// document judges a certs.yaml. Files that it names and that cannot be read are
// among the failures.
func (l *lintResult) document(ctx context.Context, o project.Options, doc spec.Document) error {
	o.Now = l.now
	result, err := project.Lint(ctx, o, doc)
	if err != nil {
		return err
	}
	if result.Failed != nil {
		l.failed = append(l.failed, result.Failed)
	}
	if l.roots == nil {
		l.roots = map[string]bool{}
	}
	for _, c := range result.Roots {
		l.roots[string(c.Raw)] = true
	}
	l.found, l.objects = append(l.found, result.Findings...), l.objects+result.Objects
	return nil
}
