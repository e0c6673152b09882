package cli

import (
	"errors"
	"slices"
	"strings"
)

// problems are errors that are reported each on a line of its own.
type problems []error

func (p problems) Error() string { return strings.Join(texts(p), "\n") }

func (p problems) Unwrap() []error { return p }

func texts(errs []error) []string {
	list := make([]string, len(errs))
	for i, err := range errs {
		list[i] = err.Error()
	}
	return list
}

// all returns what there is of some errors: one as it is, nil for none.
func all(errs ...error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return problems(errs)
}

// each returns the errors of a list, such as problems or what errors.Join
// returns, in whatever it is wrapped: the text of the wrapper is around that of
// each. Any other error is returned alone.
func each(err error) []error {
	for at := err; at != nil; at = errors.Unwrap(at) {
		list, ok := at.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		items := list.Unwrap()
		before, after, found := strings.Cut(err.Error(), at.Error())
		if !found || len(items) == 0 || at.Error() != strings.Join(texts(items), "\n") {
			break
		}
		var several []error
		for _, item := range items {
			for _, one := range each(item) {
				several = append(several, within{one, before, after})
			}
		}
		return several
	}
	return []error{err}
}

// within is an error of a list with the text of what wraps the list.
type within struct {
	error
	before, after string
}

func (w within) Error() string { return w.before + w.error.Error() + w.after }

func (w within) Unwrap() error { return w.error }
