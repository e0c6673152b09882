package phrase

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Count formats a number with a noun, which is in the singular: 1 file, 2
// files.
func Count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// few is how many names a list shows.
const few = 3

// List formats the first names of a list as one line, and how many more there
// are: a, b, c and 2 more.
func List(names []string) string {
	list := printable.Line(strings.Join(names[:min(few, len(names))], ", "))
	if len(names) > few {
		list += fmt.Sprintf(" and %d more", len(names)-few)
	}
	return list
}
