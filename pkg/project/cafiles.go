package project

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// caFiles reads the CA files of a certs.yaml, each once.
type caFiles struct {
	options Options
	read    map[string]caFile // by entry of from
}

// caFile has the certificates of an entry of from.
type caFile struct {
	bundle cabundle.Bundle
	err    error
}

// newCAFiles returns a reader of the CA files in the certs.yaml of the options.
func newCAFiles(o Options) *caFiles { return &caFiles{o, map[string]caFile{}} }

// certificates returns the certificates of some entries of from, without those
// that cannot be read.
func (c *caFiles) certificates(ctx context.Context, from []string) []cabundle.Entry {
	var entries []cabundle.Entry
	for _, f := range from {
		entries = append(entries, c.file(ctx, f).bundle.Entries...)
	}
	return entries
}

// file reads the files of an entry of from.
func (c *caFiles) file(ctx context.Context, from string) caFile {
	if f, known := c.read[from]; known {
		return f
	}
	o := c.options
	reader := source.Reader{Limits: o.Limits, Passwords: cabundle.UsualPasswords(), Note: o.Note, Progress: o.Progress}
	contents, err := reader.ReadBeside(ctx, filepath.Dir(o.File), []string{from})
	f := caFile{bundle: contents.Bundle()}
	if list, ok := errors.AsType[problem.List](err); ok {
		list = slices.Clone(list)
		for i, err := range list {
			if errors.Is(err, cabundle.ErrPassword) {
				list[i] = fmt.Errorf("%w; convert it to PEM with kubectl certs trust bundle --password-file", err)
			}
		}
		f.err = problem.Join(list...)
	}
	c.read[from] = f
	return f
}

// caReader reads the certificates of the entries of trust, and collects their
// problems.
type caReader struct {
	options  Options
	files    *caFiles
	invalid  []config.Found
	reported map[string]bool
	// with collect, findings are kept instead of reported.
	collect  bool
	findings []caFinding // in the order of the file
}

func newCAReader(o Options) *caReader {
	return &caReader{options: o, files: newCAFiles(o), reported: map[string]bool{}}
}

// read returns the certificates of every entry of trust.
func (r *caReader) read(ctx context.Context, environment string, entries []v1alpha1.Trust) plan.Roots {
	roots := plan.Roots{}
	for i, t := range entries {
		roots[t.Name] = r.entry(ctx, caEntry{spec: t, environment: environment, index: i})
	}
	return roots
}

func (r *caReader) entry(ctx context.Context, e caEntry) []cabundle.Entry {
	before := len(r.invalid)
	for i, id := range e.spec.Allow {
		if _, known := cabundle.RuleOf(id); !known {
			r.refuse(e, "allow", i, fmt.Sprintf("unknown finding %q; %s lists them", id, hint.Page("docs/trust.md")))
		}
	}
	bundles := make([]cabundle.Bundle, len(e.spec.From))
	for i, from := range e.spec.From {
		f := r.files.file(ctx, from)
		if f.err != nil {
			r.refuse(e, "from", i, problem.OneLine(f.err))
		}
		bundles[i] = f.bundle
	}
	all := cabundle.Join(bundles...)
	findings := e.classify(bundles, e.check(all, r.options.Now, r.collect))
	if r.collect {
		r.findings = append(r.findings, findings...)
	} else {
		for _, f := range findings {
			r.report(e, f)
		}
	}
	kept := cabundle.Normalise(all.Entries)
	if len(r.invalid) == before && !slices.ContainsFunc(findings, caFinding.isRejected) {
		if reason := e.unusable(kept); reason != "" {
			r.refuse(e, "from", 0, reason)
		}
	}
	return kept
}

func (r *caReader) refuse(e caEntry, field string, item int, rule string) {
	r.invalid = append(r.invalid, config.Found{Environment: e.environment, Trust: e.index, Field: field, Item: item, Rule: rule})
}

// report rejects the entry of a finding, or reports the finding: once, even if
// several environments have it.
func (r *caReader) report(e caEntry, f caFinding) {
	if f.rejected {
		r.refuse(e, "from", f.from, fmt.Sprintf("%s; %s", f.finding, f.fix))
		return
	}
	rule, _ := cabundle.RuleOf(f.finding.ID)
	text := f.finding.String()
	switch {
	case f.finding.Severity == finding.Error && rule.Action == cabundle.Dropped:
		text = fmt.Sprintf("%s (%s); %s", f.finding, rule.Action, f.fix)
	case f.finding.Severity == finding.Warning && rule.Action != cabundle.Repaired:
	default:
		return
	}
	if !r.reported[text] && r.options.Report != nil {
		r.reported[text] = true
		r.options.Report(text)
	}
}

// take returns the findings since its last call.
func (r *caReader) take() []caFinding {
	taken := r.findings
	r.findings = nil
	return taken
}
