package iostreams

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// gap is how far apart columns are.
const gap = 3

// minimum is the width that a column keeps, whatever the width of the terminal.
const minimum = 8

// Table writes rows in columns, three spaces apart.
type Table struct{ rows *rows }

type rows struct {
	out   IO
	width int // of the terminal, 0 for any
	lines []line
}

type line struct {
	cells   []string
	colored int // the cell in the colour, if there is one
	color   Color
}

// NewTable returns a table that Flush writes to Out. On a terminal its longest
// cells are cut, so that every row fits in a line, unless it is wide.
func (s IO) NewTable(wide bool) Table {
	if wide {
		return Table{&rows{out: s}}
	}
	return Table{&rows{out: s, width: s.Width}}
}

// Row adds a row.
func (t Table) Row(cells ...string) { t.Colored(0, "", cells...) }

// Colored adds a row with one cell in a colour.
func (t Table) Colored(cell int, color Color, cells ...string) {
	escaped := make([]string, len(cells))
	for i, cell := range cells {
		escaped[i] = printable.Line(cell)
	}
	t.rows.lines = append(t.rows.lines, line{escaped, cell, color})
}

// Flush writes the table.
func (t Table) Flush() error {
	r := t.rows
	limits := r.limits()
	widths := make([]int, len(limits)) // of the columns, without last cells, which are not padded
	for _, l := range r.lines {
		for i, cell := range l.cells {
			l.cells[i] = Cut(cell, limits[i])
			if i < len(l.cells)-1 {
				widths[i] = max(widths[i], utf8.RuneCountInString(l.cells[i]))
			}
		}
	}
	var text strings.Builder
	for _, l := range r.lines {
		for i, cell := range l.cells {
			padding := widths[i] + gap - utf8.RuneCountInString(cell)
			if i == l.colored && l.color != "" {
				cell = r.out.Paint(l.color, cell)
			}
			text.WriteString(cell)
			if i < len(l.cells)-1 {
				text.WriteString(strings.Repeat(" ", padding))
			}
		}
		text.WriteByte('\n')
	}
	r.lines = nil
	_, err := io.WriteString(r.out.Out, text.String())
	return err
}

// limits returns how wide the cells of each column may be. The widest columns
// are cut first.
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
	for ; r.width > 0 && total > r.width; total-- {
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
