package finding

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// TextOptions are the options of Text and Wide.
type TextOptions struct {
	Color   bool
	Program string // the program's name in fixes; "" for kubectl certs
	Notes   bool   // the fixes of notes too
}

// colors are the SGR parameters of the severities.
var colors = map[Severity]string{Error: "31", Warning: "33", Note: "36"}

// manyNotes is the number of notes with one ID from which Text shows only their
// number.
const manyNotes = 4

// Text formats each finding as a line, followed by the fixes. The output is safe
// for a terminal.
func Text(list []Reported, o TextOptions) string {
	var out strings.Builder
	counts, seen := map[string]int{}, map[string]bool{}
	for _, r := range list {
		if r.Severity == Note {
			counts[r.ID]++
		}
	}
	for _, r := range list {
		switch many := r.Severity == Note && counts[r.ID] >= manyNotes; {
		case !many:
			o.line(&out, r, r.String()+r.suffix())
		case !seen[r.ID]:
			seen[r.ID] = true
			o.line(&out, r, fmt.Sprintf("%s %s: %s (%d times, -o json lists them)", r.Severity, r.ID, r.What, counts[r.ID]))
		}
	}
	o.fixes(&out, list)
	return out.String()
}

// Wide is Text followed by the reasons of the rules.
func Wide(list []Reported, o TextOptions) string {
	var out strings.Builder
	o.Notes = true
	out.WriteString(Text(list, o))
	why := map[string]string{}
	for _, r := range list {
		why[r.ID] = r.Why
	}
	for _, id := range slices.Sorted(maps.Keys(why)) {
		fmt.Fprintf(&out, "why %s: %s\n", id, why[id])
	}
	return out.String()
}

func (o TextOptions) line(out *strings.Builder, r Reported, line string) {
	line = printable.Line(line)
	if o.Color {
		word := string(r.Severity) + " " + r.ID
		line = strings.Replace(line, word, "\x1b["+colors[r.Severity]+"m"+word+"\x1b[0m", 1)
	}
	out.WriteString(line + "\n")
}

// fixes writes each fix once, those of notes with Notes only.
func (o TextOptions) fixes(out *strings.Builder, list []Reported) {
	fixes := map[string]bool{}
	for _, r := range list {
		if (o.Notes || r.Severity != Note) && r.Fix != "" {
			fixes[r.ID+": "+r.Fix] = true
		}
	}
	for _, fix := range slices.Sorted(maps.Keys(fixes)) {
		if o.Program != "" {
			fix = strings.ReplaceAll(fix, "kubectl certs", o.Program)
		}
		out.WriteString("fix " + printable.Line(fix) + "\n")
	}
}
