package dns01

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
)

// reader reads what a solver names, and gathers everything that is wrong
// with it. Each value that it gives out is kept from being told.
type reader struct {
	ctx      context.Context // of the one call of New that this is for
	read     Secrets
	solver   string // field of the solver, as in "cloudflare"
	secrets  map[string]secret
	problems []string
	values   []string
}

type secret struct {
	data map[string][]byte
	err  error
}

// bad notes a problem of a field of the solver.
func (c *reader) bad(field, format string, args ...any) {
	c.problems = append(c.problems, strings.TrimSuffix(c.solver+"."+field, ".")+": "+fmt.Sprintf(format, args...))
}

// err is all problems, nil if there are none.
func (c *reader) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(c.problems, "; "))
}

// get reads one key of a Secret, without the blanks around it: a line end at
// the end of a token is the commonest mistake of all. Where it cannot, it notes
// that and returns "".
func (c *reader) get(field string, ref cmmeta.SecretKeySelector) string {
	if ref.Name == "" || ref.Key == "" {
		c.bad(field, "needs name and key of a Secret")
		return ""
	}
	s := c.secret(ref.Name)
	value := strings.TrimSpace(string(s.data[ref.Key]))
	switch {
	case s.err != nil:
		c.bad(field, "%v", s.err)
	case s.data[ref.Key] == nil:
		c.bad(field, "Secret %s has no key %s; it has %s", ref.Name, ref.Key, keys(s.data))
	case value == "":
		c.bad(field, "key %s of Secret %s is empty", ref.Key, ref.Name)
	default:
		c.values = append(c.values, value)
	}
	return value
}

// secret reads a Secret once.
func (c *reader) secret(name string) secret {
	if s, known := c.secrets[name]; known {
		return s
	}
	data, err := c.read(c.ctx, name)
	if err != nil {
		err = fmt.Errorf("read Secret %s: %w", name, err)
	}
	c.secrets[name] = secret{data, err}
	return c.secrets[name]
}

func keys(data map[string][]byte) string {
	if len(data) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(data)), ", ")
}
