package source

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Contents has the documents of -f: our own and manifests.
type Contents struct {
	Own       []Own               // documents of kubectl-certs.dev
	Manifests []position.Document // files with objects
}

// Own is a document of kubectl-certs.dev. Its data is the file with the other
// documents blanked, so that line numbers match the file.
type Own struct {
	Item
	Kind string // "" if it is unknown; parsing the document reports the error
	Line int    // of the kind, or that of the document if it is unknown
}

func newOwn(item Item, h documentHeader) Own {
	if h.unknown() {
		return Own{item, "", h.line}
	}
	return Own{item, h.kind, h.kindLine}
}

// Contents reads the files of -f; see Files.
func (r *Reader) Contents(ctx context.Context, names []string, recursive bool) (Contents, error) {
	items, err := r.Files(ctx, names, recursive)
	if err != nil {
		return Contents{}, err
	}
	var c Contents
	var errs []error
	for _, item := range items {
		errs = append(errs, c.add(r.Budget, item, len(items) == 1))
	}
	return c, problem.Join(errs...)
}

// ContentsOf separates the documents of a file. The error has the documents that
// are neither objects nor ours; the others are in the contents.
func (r *Reader) ContentsOf(file Item) (Contents, error) {
	var c Contents
	err := c.add(r.Budget, file, false)
	return c, err
}

// One returns the document of a kind, and nil if there is none.
func (c Contents) One(kind string) (*Own, error) {
	var found *Own
	for i, d := range c.Own {
		switch {
		case d.Kind == "":
			return &c.Own[i], nil
		case d.Kind != kind:
			return nil, fmt.Errorf("%s:%d: unexpected kind %s; must be %s", d.Name, d.Line, d.Kind, kind)
		case found != nil:
			return nil, fmt.Errorf("%s:%d and %s:%d are both of kind %s, and only one is allowed", found.Name, found.Line, d.Name, d.Line, kind)
		}
		found = &c.Own[i]
	}
	return found, nil
}

// add adds the documents of a file. A single document that is neither an object
// nor ours is treated as ours, for better errors.
func (c *Contents) add(budget *limits.Budget, item Item, alone bool) error {
	if kind, line := ownKind(item.Data); kind != "" {
		c.Own = append(c.Own, Own{item, kind, line})
		return nil
	}
	f, err := readHeaders(item.Data)
	if err != nil || alone && len(f.own)+len(f.others) <= 1 && !f.typed {
		c.Own = append(c.Own, Own{item, "", 1})
		return nil
	}
	if err := f.check(item.Name); err != nil {
		return err
	}
	if len(f.own) == 1 && len(f.others) == 0 {
		c.Own = append(c.Own, newOwn(item, f.own[0]))
		return nil
	}
	for _, d := range f.own {
		c.Own = append(c.Own, newOwn(Item{Name: item.Name, Data: f.only(d)}, d))
	}
	if len(f.others) == 0 {
		return nil
	}
	d, incomplete, err := Decode(budget, Item{Name: item.Name, Data: f.without(f.own)})
	if err != nil {
		return err
	}
	c.Manifests = append(c.Manifests, d)
	return problem.Join(incomplete...)
}

var (
	ownVersion = regexp.MustCompile(`(?m)^apiVersion:[ \t]+` + regexp.QuoteMeta(v1alpha1.APIVersion) + `[ \t]*\r?$`)
	kindLine   = regexp.MustCompile(`(?m)^kind:[ \t]+([A-Za-z]+)[ \t]*\r?$`)
	marker     = regexp.MustCompile(`(?m)^---([ \t\r]|$)`)
)

// ownKind returns the kind of a file with one document of ours in the usual
// form, without parsing it, and the line of the kind. It returns "" if the kind is
// unknown.
func ownKind(data []byte) (kind string, line int) {
	kinds := kindLine.FindAllSubmatchIndex(data, 2)
	if len(kinds) != 1 || !ownVersion.Match(data) || marker.Match(data) {
		return "", 0
	}
	at := kinds[0][2:4]
	if kind = string(data[at[0]:at[1]]); !slices.Contains(ownKinds, kind) {
		return "", 0
	}
	return kind, lineAt(data, at[0])
}

// lineAt returns the line, from 1, of an offset.
func lineAt(data []byte, offset int) int { return 1 + bytes.Count(data[:offset], []byte("\n")) }
