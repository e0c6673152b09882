package iostreams

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Table writes rows in columns, three spaces apart. Text below that is not part
// of a row, such as Line, breaks the columns as little as it can.
type Table struct{ w *tabwriter.Writer }

// NewTable returns a table that Flush writes to w.
func NewTable(w io.Writer) Table {
	return Table{tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)}
}

// Row adds a row.
func (t Table) Row(cells ...string) { fmt.Fprintln(t.w, Cells(cells...)) }

// Raw adds a row of cells that are safe to print, and may be coloured.
func (t Table) Raw(cells ...string) { fmt.Fprintln(t.w, strings.Join(cells, "\t")) }

// Flush writes the table.
func (t Table) Flush() error { return t.w.Flush() }

// Cells returns a line of a table, or the beginning of one, with every cell
// escaped.
func Cells(texts ...string) string {
	escaped := make([]string, len(texts))
	for i, text := range texts {
		escaped[i] = printable.Line(text)
	}
	return strings.Join(escaped, "\t")
}
