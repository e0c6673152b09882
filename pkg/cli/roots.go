package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// rootsReader reads and judges the files that the trust of a certs.yaml names.
type rootsReader struct {
	ctx      context.Context
	env      Env
	dir      string // of certs.yaml
	now      time.Time
	sources  map[string]fromEntry // by what from says
	told     map[string]bool
	found    []spec.Found
	keep     bool      // what was found in the certificates as verdicts, and neither refuse nor tell
	verdicts []verdict // in the order of the file
}

// fromEntry is what an entry of from leads to.
type fromEntry struct {
	bundle trust.Bundle
	err    error
}

func newRootsReader(ctx context.Context, env Env, dir string) *rootsReader {
	return &rootsReader{ctx: ctx, env: env, dir: dir, now: time.Now(), sources: map[string]fromEntry{}, told: map[string]bool{}}
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
			e.bad("from", i, "%s", problem.OneLine(s.err))
		}
		bundles = append(bundles, s.bundle)
	}
	all := trust.Join(bundles...)
	e.weigh(bundles, e.judge(all))
	kept := trust.Normalise(all.Entries)
	switch {
	case len(e.found) > before || e.condemned():
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

// all are the certificates of some entries of from, as far as they can be read.
func (r *rootsReader) all(from []string) []trust.Entry {
	var entries []trust.Entry
	for _, f := range from {
		entries = append(entries, r.source(f).bundle.Entries...)
	}
	return entries
}

// source reads what an entry of from names, once.
func (r *rootsReader) source(from string) fromEntry {
	if s, known := r.sources[from]; known {
		return s
	}
	contents, err := sourceReader(r.env, []string{"", "changeit"}).ReadBeside(r.ctx, r.dir, []string{from})
	s := fromEntry{bundle: contents.Bundle()}
	if list, ok := errors.AsType[source.Errors](err); ok {
		for i, err := range list {
			if errors.Is(err, trust.ErrPassword) {
				list[i] = fmt.Errorf("%w; kubectl certs trust bundle --password-file makes PEM of it", err)
			}
		}
		s.err = all(list...)
	}
	r.sources[from] = s
	return s
}
