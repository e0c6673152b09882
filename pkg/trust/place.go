package trust

import (
	"cmp"
	"strconv"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Place is where among the sources something is. The zero value is all of
// them together.
type Place struct {
	Source string // a file, a host and port, or stdin
	Line   int    // counted from 1; 0 in sources without lines
	Field  string // where in the source: data.ca1.crt, alias corp, certificate 2
}

// String writes a place as compilers do: roots.pem:12, secret.yaml:7: data.ca1.crt.
func (p Place) String() string {
	s := printable.Line(p.Source)
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
	}
	if p.Field != "" && s != "" {
		s += ": "
	}
	return s + printable.Line(p.Field)
}

// Compare orders places by source and line, and all sources together last.
func (p Place) Compare(other Place) int {
	switch everywhere := (Place{}); {
	case p == other:
		return 0
	case p == everywhere:
		return 1
	case other == everywhere:
		return -1
	}
	return cmp.Or(cmp.Compare(p.Source, other.Source), cmp.Compare(p.Line, other.Line))
}

// bytesText writes a size for people, exact where a limit is near.
func bytesText(n int) string {
	if n < 10*MaxObject {
		return strconv.Itoa(n) + " bytes"
	}
	return strconv.Itoa(n>>20) + " MiB"
}
