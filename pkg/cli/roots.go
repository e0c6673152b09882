package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// rootsReader reads and judges the files that the trust of a certs.yaml names.
type rootsReader struct {
	ctx     context.Context
	env     Env
	dir     string // of certs.yaml
	now     time.Time
	sources map[string]source // by what from says
	told    map[string]bool
	found   []spec.Found
}

// source is what an entry of from leads to.
type source struct {
	bundle trust.Bundle
	err    error
}

func newRootsReader(ctx context.Context, env Env, dir string) *rootsReader {
	return &rootsReader{ctx: ctx, env: env, dir: dir, now: time.Now(), sources: map[string]source{}, told: map[string]bool{}}
}

// read returns the certificates of every entry of trust, and notes what is
// wrong with any.
func (r *rootsReader) read(environment string, entries []spec.Trust) plan.Roots {
	roots := plan.Roots{}
	for i := range entries {
		e := rootsEntry{rootsReader: r, Trust: &entries[i], environment: environment, index: i}
		roots[e.Name] = e.read()
	}
	return roots
}

// rootsEntry is an entry of trust that is being read.
type rootsEntry struct {
	*rootsReader
	*spec.Trust
	environment string
	index       int
}

func (e rootsEntry) bad(field string, item int, format string, args ...any) {
	e.found = append(e.found, spec.Found{Environment: e.environment, Trust: e.index, Field: field, Item: item, Rule: fmt.Sprintf(format, args...)})
}

func (e rootsEntry) read() []trust.Entry {
	for i, id := range e.Allow {
		if _, known := trust.RuleOf(id); !known {
			e.bad("allow", i, "%q is no finding; docs/trust.md lists them", id)
		}
	}
	before := len(e.found)
	var bundles []trust.Bundle
	for i, from := range e.From {
		s := e.source(from)
		if s.err != nil {
			e.bad("from", i, "%s", strings.ReplaceAll(s.err.Error(), "\nerror: ", "; "))
		}
		bundles = append(bundles, s.bundle)
	}
	all := trust.Join(bundles...)
	e.weigh(bundles, e.judge(all))
	kept := trust.Normalise(all.Entries)
	switch {
	case len(e.found) > before:
	case len(kept) == 0 && len(e.From) > 0:
		e.bad("from", 0, "no certificate is left to trust")
	case e.withStore() && len(trust.Encode(kept, trust.Generic))+len(trust.EncodeJKS(kept, plan.StorePassword)) > trust.MaxObject:
		e.bad("from", 0, "with the trust store for Java these are too many for one ConfigMap; leave some out, or mount: trust-manager")
	}
	return kept
}

// withStore reports whether the component for pods puts a trust store for Java
// beside the PEM into a ConfigMap of its own.
func (e rootsEntry) withStore() bool {
	p := e.To.Pods
	return p != nil && p.Mount == "" && slices.Contains(p.Variables, spec.JavaToolOptions)
}

// judge weighs a bundle for everybody, and for the limits of AKS where it is
// one of the targets.
func (e rootsEntry) judge(b trust.Bundle) []trust.Finding {
	findings := trust.Judge(b, trust.Generic, e.now)
	if e.target() == trust.AKS {
		for _, f := range trust.Judge(b, trust.AKS, e.now) {
			if f.Place == (trust.Place{}) && f.Severity == trust.Error {
				findings = append(findings, f)
			}
		}
	}
	return trust.Allow(findings, e.Allow)
}

// weigh refuses the errors that writing does not do away with, and tells of
// what else one should know.
func (e rootsEntry) weigh(bundles []trust.Bundle, findings []trust.Finding) {
	for _, f := range findings {
		rule, _ := trust.RuleOf(f.ID)
		switch never := e.never(f); {
		case never != "":
			f.Severity = trust.Error
			e.bad("from", sourceOf(bundles, f), "%s; %s", f, never)
		case f.Severity == trust.Error && rule.Bundle == "":
			e.bad("from", sourceOf(bundles, f), "%s; %s", f, e.advice(f, rule))
		case f.Severity == trust.Error && rule.Bundle == trust.Dropped:
			e.tell(fmt.Sprintf("%s (%s); %s", f, rule.Bundle, rule.FixFor(e.target())))
		case f.Severity == trust.Warning && rule.Bundle != trust.Repaired:
			e.tell(f.String())
		}
	}
	if e.To.AKSSecret != nil {
		e.tell(fmt.Sprintf("warning: trust %s: aks-secret is of a preview that retired on %s, and does something only where node pools still have enableCustomCATrust; for all others there is aks", e.Name, trust.RetiredOn))
	}
}

// target is who the files are judged for, besides everybody.
func (e rootsEntry) target() trust.Target {
	if e.To.AKS != nil || e.To.AKSSecret != nil {
		return trust.AKS
	}
	return trust.Generic
}

// advice says what to do about an error, in words of certs.yaml.
func (e rootsEntry) advice(f trust.Finding, rule trust.Rule) string {
	allow := "allow: [" + f.ID + "]"
	fix := strings.ReplaceAll(rule.FixFor(e.target()), "--allow "+f.ID, allow)
	switch {
	case f.Place == (trust.Place{}) || strings.Contains(fix, allow): // a limit stays one, whoever agrees
		return fix
	case rule.Lost:
		return fix + ", or go without it: " + allow
	}
	return fix + ", or write " + allow
}

// never says why a target cannot take what a finding is about, whoever agrees
// with it; "" if all can.
func (e rootsEntry) never(f trust.Finding) string {
	to := e.To
	inObjects := to.AKSSecret != nil || to.TrustManager != nil || to.ClusterTrustBundle != nil || to.ConfigMap != nil || to.OpenShift != nil || to.Pods != nil
	switch {
	case (f.ID == "T001" || f.ID == "T013") && to.ClusterTrustBundle != nil:
		return "cluster-trust-bundle takes only certificates that say that they are CAs"
	case f.ID == "T201":
		rule, _ := trust.RuleOf(f.ID)
		return rule.Fix
	case f.ID == "T206" && inObjects:
		return "leave some out, or keep to targets that are files"
	}
	return ""
}

// tell says a thing once, in however many environments it is.
func (e rootsEntry) tell(text string) {
	if !e.told[text] {
		e.told[text] = true
		e.env.say("%s", text)
	}
}

// sourceOf finds the bundle that a finding is about, the first if it is about
// all of them.
func sourceOf(bundles []trust.Bundle, f trust.Finding) int {
	return max(0, slices.IndexFunc(bundles, func(b trust.Bundle) bool {
		return slices.ContainsFunc(b.Entries, func(e trust.Entry) bool { return e.Place.Source == f.Place.Source }) ||
			slices.ContainsFunc(b.Findings, func(other trust.Finding) bool { return other.Place.Source == f.Place.Source })
	}))
}

// all are the certificates of some entries of from, as far as they can be read.
func (r *rootsReader) all(from []string) []trust.Entry {
	var entries []trust.Entry
	for _, f := range from {
		entries = append(entries, r.source(f).bundle.Entries...)
	}
	return entries
}

// source reads what an entry of from names, once.
func (r *rootsReader) source(from string) source {
	if s, known := r.sources[from]; known {
		return s
	}
	files := &sourceReader{ctx: r.ctx, env: r.env, passwords: []string{"", "changeit"}}
	name := filepath.Join(r.dir, filepath.FromSlash(from))
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		files.folder(name)
	case err == nil:
		data, err := os.ReadFile(name)
		files.take(name, data, err)
	case strings.ContainsAny(from, "*?["):
		files.glob(name)
	case errors.Is(err, fs.ErrNotExist):
		files.fail(fmt.Errorf("%s: no such file or folder", name))
	default:
		files.fail(err)
	}
	s := source{bundle: trust.Join(files.bundles...)}
	if len(files.problems) > 0 {
		s.err = problems(files.problems)
	}
	if errors.Is(s.err, trust.ErrPassword) {
		s.err = fmt.Errorf("%w; kubectl certs trust bundle --password-file makes PEM of it", s.err)
	}
	r.sources[from] = s
	return s
}
