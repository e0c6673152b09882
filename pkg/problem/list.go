package problem

import (
	"errors"
	"slices"
	"strings"
)

// List is several errors, each reported on its own lines.
type List []error

// Error returns one error per line.
func (l List) Error() string { return strings.Join(texts(l), "\n") }

// Unwrap returns the errors of the list.
func (l List) Unwrap() []error { return l }

func texts(errs []error) []string {
	list := make([]string, len(errs))
	for i, err := range errs {
		list[i] = err.Error()
	}
	return list
}

// Join returns the errors that are not nil as a List, a single error unchanged,
// and nil if there are none. Unlike errors.Join it does not wrap a single
// error.
func Join(errs ...error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return List(errs)
}

// Split returns the errors of a list, such as a List or what errors.Join returns,
// even if the list is wrapped: each error has the wrapper's text around its own.
// Any other error is returned alone.
func Split(err error) []error {
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
			for _, one := range Split(item) {
				several = append(several, wrapped{one, before, after})
			}
		}
		return several
	}
	return []error{err}
}

// OneLine returns the texts of the errors that Split returns, separated by
// semicolons.
func OneLine(err error) string { return strings.Join(texts(Split(err)), "; ") }

// wrapped is an error of a list with the text of the error that wraps the list.
type wrapped struct {
	error
	before, after string
}

func (w wrapped) Error() string { return w.before + w.error.Error() + w.after }

func (w wrapped) Unwrap() error { return w.error }
