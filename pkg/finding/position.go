package finding

import (
	"cmp"
	"strconv"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Position is a location in the input. The zero value means all sources together.
type Position struct {
	Source string // a file, a host and port, or stdin
	Line   int    // counted from 1; 0 in sources without lines
	Field  string // within the source: data.ca1.crt, alias corp, certificate 2
}

// String formats a position, for example roots.pem:12 or secret.yaml:7: data.ca1.crt.
func (p Position) String() string {
	s := printable.Line(p.Source)
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
	}
	if p.Field != "" && s != "" {
		s += ": "
	}
	return s + printable.Line(p.Field)
}

// Compare orders positions by source and line. The zero value comes last.
func (p Position) Compare(other Position) int {
	switch everywhere := (Position{}); {
	case p == other:
		return 0
	case p == everywhere:
		return 1
	case other == everywhere:
		return -1
	}
	return cmp.Or(cmp.Compare(p.Source, other.Source), cmp.Compare(p.Line, other.Line))
}
