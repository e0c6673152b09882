package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

var severityColors = map[finding.Severity]string{finding.Error: "31", finding.Warning: "33", finding.Note: "36"}

// telling is a finding as a person is told of it.
type telling struct {
	id, what string
	severity finding.Severity
	line     string // where, how bad and why; it has the severity and the ID in it
	fix      string // what to do, "" for nothing
}

// findingsPrinter writes findings for people.
type findingsPrinter struct {
	w       io.Writer
	color   bool
	program string // as the user calls it, for what to do
}

// manyNotes is from where on notes of one kind are counted, not listed.
const manyNotes = 4

// print writes a line a finding, and below them what to do.
func (p findingsPrinter) print(list []telling) {
	counts, told := map[string]int{}, map[string]bool{}
	for _, t := range list {
		if t.severity == finding.Note {
			counts[t.id]++
		}
	}
	for _, t := range list {
		switch many := t.severity == finding.Note && counts[t.id] >= manyNotes; {
		case !many:
			p.line(t, t.line)
		case !told[t.id]:
			told[t.id] = true
			p.line(t, fmt.Sprintf("%s %s: %s (%d times, -o json lists them)", t.severity, t.id, t.what, counts[t.id]))
		}
	}
	p.fixes(list)
}

func (p findingsPrinter) line(t telling, line string) {
	line = printable.Line(line)
	if p.color {
		word := string(t.severity) + " " + t.id
		line = strings.Replace(line, word, "\x1b["+severityColors[t.severity]+"m"+word+"\x1b[0m", 1)
	}
	fmt.Fprintln(p.w, line)
}

// fixes writes what to do, once for each ID that is more than a note.
func (p findingsPrinter) fixes(list []telling) {
	fixes := map[string]bool{}
	for _, t := range list {
		if t.severity != finding.Note && t.fix != "" {
			fixes[t.id+": "+t.fix] = true
		}
	}
	for _, fix := range slices.Sorted(maps.Keys(fixes)) {
		fmt.Fprintf(p.w, "fix %s\n", printable.Line(strings.ReplaceAll(fix, "kubectl certs", p.program)))
	}
}

// countSeverities sums up: 1 error, 2 warnings.
func countSeverities[T any](all []T, severity func(T) finding.Severity) string {
	counts := map[finding.Severity]int{}
	for _, one := range all {
		counts[severity(one)]++
	}
	var parts []string
	for _, severity := range []finding.Severity{finding.Error, finding.Warning, finding.Note} {
		if n := counts[severity]; n > 0 {
			parts = append(parts, count(n, string(severity)))
		}
	}
	if len(parts) == 0 {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}
