package project

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// checker reads the environments of a certs.yaml one after another, and
// collects findings about CA certificates instead of rejecting them.
type checker struct {
	document config.Document
	options  Options
	reader   *caReader
}

// environmentCheck has the generated objects of an environment, and the
// findings about its CA certificates.
type environmentCheck struct {
	objects  []manifest.Built
	roots    plan.Roots // of every entry of trust
	findings []caFinding
}

// newChecker returns a checker of a document. The options name its file.
func newChecker(o Options, doc config.Document) *checker {
	r := newCAReader(o)
	r.collect = true
	return &checker{document: doc, options: o, reader: r}
}

// environments returns the environment that Options.Environment names, or all
// of them. Without environments in certs.yaml there is one without a name.
func (c *checker) environments() ([]config.Environment, error) {
	environments, name := c.document.Environments, c.options.Environment
	switch {
	case name != "":
		i := slices.IndexFunc(environments, func(e config.Environment) bool { return e.Name == name })
		if i < 0 {
			names := EnvironmentNames(c.document)
			err := fmt.Errorf("no environment %q in %s; it has %s", name, c.document.Name(), cmp.Or(strings.Join(names, ", "), "none"))
			return nil, hint.Meant(err, name, names)
		}
		return environments[i : i+1], nil
	case len(environments) == 0:
		return []config.Environment{{Certs: c.document.Base}}, nil
	}
	return environments, nil
}

// EnvironmentNames returns the names of the environments in a certs.yaml, in
// their order.
func EnvironmentNames(doc config.Document) []string {
	var names []string
	for _, e := range doc.Environments {
		names = append(names, e.Name)
	}
	return names
}

// check reads one environment.
func (c *checker) check(ctx context.Context, e config.Environment) environmentCheck {
	roots := c.reader.read(ctx, e.Name, e.Certs.Trust)
	return environmentCheck{
		objects:  manifest.Build(plan.New(e.Certs, roots)),
		roots:    roots,
		findings: c.reader.take(),
	}
}

// base returns the findings for which generate rejects a file with
// environments, independent of what the environments change.
func (c *checker) base(ctx context.Context) []caFinding {
	if len(c.document.Environments) == 0 {
		return nil
	}
	c.reader.read(ctx, "", c.document.Base.Trust)
	return slices.DeleteFunc(c.reader.take(), func(f caFinding) bool { return !f.rejected })
}

// err returns the problems of the entries of trust that were read, nil if there
// are none.
func (c *checker) err() error { return c.document.Refuse(c.reader.invalid) }
