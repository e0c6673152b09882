package iostreams

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// gap is how far apart columns are.
const gap = 3

// minimum is the width that a column keeps, whatever the width of the terminal.
const minimum = 8

// Table writes rows in columns, three spaces apart. Text below that is not part
// of a row, such as Line, breaks the columns as little as it can.
type Table struct{ rows *rows }

type rows struct {
	out   io.Writer
	width int // of the terminal, 0 for any
	lines []line
}

type line struct {
	cells []string
	raw   bool // may be coloured, and is not cut
}

// NewTable returns a table that Flush writes to w, however wide its rows are.
func NewTable(w io.Writer) Table { return Table{&rows{out: w}} }

// NewTable returns a table that Flush writes to Out. On a terminal its longest
// cells are cut, so that every row fits in a line.
func (s IO) NewTable() Table { return Table{&rows{out: s.Out, width: s.Width}} }

// Row adds a row.
func (t Table) Row(cells ...string) {
	escaped := make([]string, len(cells))
	for i, cell := range cells {
		escaped[i] = printable.Line(cell)
	}
	t.rows.lines = append(t.rows.lines, line{cells: escaped})
}

// Raw adds a row of cells that are safe to print, and may be coloured.
func (t Table) Raw(cells ...string) {
	t.rows.lines = append(t.rows.lines, line{cells, true})
}

// Flush writes the table.
func (t Table) Flush() error {
	limits := t.rows.limits()
	w := tabwriter.NewWriter(t.rows.out, 0, 0, gap, ' ', 0)
	for _, l := range t.rows.lines {
		cells := make([]string, len(l.cells))
		for i, cell := range l.cells {
			cells[i] = cell
			if !l.raw && limits != nil {
				cells[i] = Cut(cell, limits[i])
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	t.rows.lines = nil
	return w.Flush()
}

// limits returns how wide each column may be, nil for any width. The widest
// columns are cut first.
func (r *rows) limits() []int {
	var widths []int
	for _, l := range r.lines {
		for i, cell := range l.cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	total := gap * (len(widths) - 1)
	for _, width := range widths {
		total += width
	}
	if r.width == 0 || total <= r.width {
		return nil
	}
	for ; total > r.width; total-- {
		widest := 0
		for i, width := range widths {
			if width > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= minimum {
			break
		}
		widths[widest]--
	}
	return widths
}

// Cut shortens a text to so many characters, the last of which is then an
// ellipsis.
func Cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
