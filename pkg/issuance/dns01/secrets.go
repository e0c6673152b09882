package dns01

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// reader reads the Secrets that a solver references and collects all problems. The values it
// returns are redacted from messages.
type reader struct {
	ctx      context.Context // of the call of New that created it
	read     Secrets
	solver   string // field of the solver, for example "cloudflare"
	secrets  map[string]secret
	problems []string
	values   []string
}

type secret struct {
	data map[string][]byte
	err  error
}

// bad records a problem of a field of the solver.
func (c *reader) bad(field, format string, args ...any) {
	c.problems = append(c.problems, strings.TrimSuffix(c.solver+"."+field, ".")+": "+fmt.Sprintf(format, args...))
}

// err returns all problems, nil if there are none.
func (c *reader) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(c.problems, "; "))
}

// get returns one key of a Secret without surrounding white space: a trailing line break in a
// token is a common mistake. On a problem it records it and returns "".
func (c *reader) get(field string, ref cmmeta.SecretKeySelector) string {
	if ref.Name == "" || ref.Key == "" {
		c.bad(field, "name and key of a Secret are required")
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

// scrubber redacts values of Secrets in foreign texts: a DNS provider's answer may repeat the
// request, and some libraries print keys.
type scrubber struct{ replacer *strings.Replacer }

// shortest is the length of the shortest line that is redacted. Shorter ones, like "true", are
// not secret and would make texts unreadable.
const shortest = 4

func newScrubber(secrets []string) scrubber {
	found := map[string]bool{}
	for _, secret := range secrets {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) >= shortest {
				found[line], found[url.QueryEscape(line)], found[url.PathEscape(line)] = true, true, true
				found[base64.StdEncoding.EncodeToString([]byte(line))] = true
			}
		}
	}
	var all []string
	for text := range found {
		all = append(all, text)
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // longer texts first, as they may contain shorter ones
	var pairs []string
	for _, text := range all {
		pairs = append(pairs, text, "***")
	}
	return scrubber{strings.NewReplacer(pairs...)}
}

// clean returns a text on one line, without secrets.
func (s scrubber) clean(text string) string {
	if s.replacer != nil {
		text = s.replacer.Replace(text)
	}
	return printable.Line(strings.Join(strings.Fields(text), " "))
}

// longest is the maximum length of a foreign text: some providers answer with whole pages.
const longest = 500

// brief returns the beginning of a foreign error without secrets. It redacts before it cuts, so
// that no part of a secret remains.
func (s scrubber) brief(err error) string {
	text := s.clean(err.Error())
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + " …"
	}
	return text
}
