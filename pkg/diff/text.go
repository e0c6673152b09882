package diff

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// TextOptions are options of Text.
type TextOptions struct {
	Color bool // ANSI colours, for a terminal
}

// ANSI sequences.
const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	reset = "\x1b[0m"
)

// Text writes a block for each change: a title and the hunks. Without changes
// it writes nothing.
func Text(w io.Writer, changes []Change, opts TextOptions) error {
	out := bufio.NewWriter(w)
	for i, c := range changes {
		if i > 0 {
			out.WriteString("\n")
		}
		paint(out, c.title()+"\n", bold, opts.Color)
		for line := range strings.Lines(c.Text) {
			paint(out, line, lineColor(line), opts.Color)
		}
	}
	return out.Flush()
}

// title returns a line like "changed ClusterIssuer/x in overlays/prod".
func (c Change) title() string {
	title := string(c.Action) + " " + printable.Line(c.ID.String())
	switch {
	case len(c.Overlays) == 0:
		return title
	case c.Action == Removed:
		return title + " from " + c.where()
	}
	return title + " in " + c.where()
}

func (c Change) where() string { return printable.Line(strings.Join(c.Overlays, ", ")) }

func lineColor(line string) string {
	switch line[0] {
	case '+':
		return green
	case '-':
		return red
	case '@':
		return cyan
	}
	return ""
}

func paint(w *bufio.Writer, line, color string, on bool) {
	if !on || color == "" {
		w.WriteString(line)
		return
	}
	w.WriteString(color)
	w.WriteString(strings.TrimSuffix(line, "\n"))
	w.WriteString(reset + "\n")
}

var signs = map[Action]string{Added: "+", Changed: "~", Removed: "-"}

// Summary returns a row for each change: action, object, lines added and
// removed, and overlays if the change has any. The cells are safe to print.
func Summary(changes []Change) [][]string {
	rows := make([][]string, len(changes))
	for i, c := range changes {
		rows[i] = []string{signs[c.Action] + " " + string(c.Action), printable.Line(c.ID.String()), c.size()}
		if len(c.Overlays) > 0 {
			rows[i] = append(rows[i], c.where())
		}
	}
	return rows
}

// size returns the lines added and removed, such as "+3 -1".
func (c Change) size() string { return fmt.Sprintf("+%d -%d", c.Adds, c.Dels) }
