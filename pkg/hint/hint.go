package hint

import "errors"

type hinted struct {
	error
	text string
}

func (h hinted) Unwrap() error { return h.error }

// With returns err with a hint, nil for a nil error. The text stays that of err.
func With(err error, text string) error {
	if err == nil {
		return nil
	}
	return hinted{err, text}
}

// Page returns the address of a file of this project, for users who have only the program.
func Page(file string) string {
	return "https://github.com/kubectl-certs/kubectl-certs/blob/main/" + file
}

// Of returns the outermost hint of an error, false if it has none. A hint of one
// error in a list is not a hint of the list.
func Of(err error) (string, bool) {
	for ; err != nil; err = errors.Unwrap(err) {
		if h, ok := err.(hinted); ok {
			return h.text, true
		}
	}
	return "", false
}
