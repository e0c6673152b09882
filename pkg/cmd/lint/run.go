package lint

import (
	"context"
	"errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// Run checks the certs.yaml, or the paths, and prints the findings. The error is
// cmdutil.ErrFound if there are some as severe as FailOn; what could not be
// checked is an error too, after the findings.
func Run(ctx context.Context, o *Options) error {
	if o.Explain != "" {
		return explain(o)
	}
	result, err := o.check(ctx)
	if err != nil {
		return err
	}
	lint.Allow(result.Findings, o.Allow)
	if err := o.print(result.Findings); err != nil {
		return err
	}
	if o.Output.IsText() && result.Objects+len(result.Roots) > 0 {
		o.IO.Messagef("%s: %s", checked(result), summary(result.Findings))
	}
	if result.Failed != nil {
		return result.Failed
	}
	if o.FailOn != never && lint.AtLeast(result.Findings, finding.Severity(o.FailOn)) {
		return cmdutil.ErrFound
	}
	return nil
}

// check checks the paths, or what -f names.
func (o *Options) check(ctx context.Context) (project.LintResult, error) {
	if len(o.Paths) > 0 {
		return project.LintPaths(ctx, o.Project, o.Paths), nil
	}
	result, err := project.LintFiles(ctx, o.Project)
	if e, ok := errors.AsType[*source.KustomizationError](err); ok {
		return result, hint.With(err, "kubectl certs lint "+shell.Quote(e.Folder()))
	}
	return result, cmdutil.MissingHint(err)
}
