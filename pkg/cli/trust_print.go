package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// shortSum is how much of a fingerprint tells certificates apart at a glance.
const shortSum = len("9f:1c:33:04:aa:5b:21:77")

// printCertificates writes a table, a certificate a line.
func printCertificates(w io.Writer, entries []trust.Entry, now time.Time, wide bool) error {
	if len(entries) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	header := "SUBJECT\tKIND\tKEY\tEXPIRES\tSHA256\tUSED-FOR"
	if wide {
		header += "\tNOT-BEFORE\tSIGNATURE\tISSUER\tSOURCE"
	}
	fmt.Fprintln(table, header)
	for _, e := range entries {
		fmt.Fprintln(table, strings.Join(cells(e, now, wide), "\t"))
	}
	return table.Flush()
}

func cells(e trust.Entry, now time.Time, wide bool) []string {
	c, sum := e.Cert, pki.Fingerprint(e.Cert)
	name, kind, usedFor := pki.Name(c.Subject), string(trust.KindOf(c)), strings.Join(trust.UsedFor(c), ",")
	if !wide {
		return []string{shortened(name), kind, pki.Key(c), expiry(c.NotAfter, now), sum[:shortSum] + "…", usedFor}
	}
	return []string{
		name, kind, pki.Key(c), day(c.NotAfter), sum, usedFor,
		day(c.NotBefore), c.SignatureAlgorithm.String(), pki.Name(c.Issuer), e.Place.String(),
	}
}

// shortName is how much of a subject a table can take.
const shortName = 50

func shortened(name string) string {
	runes := []rune(name)
	if len(runes) <= shortName {
		return name
	}
	return string(runes[:shortName-1]) + "…"
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// expiry writes how long a certificate has left, as kubectl writes ages.
func expiry(end, now time.Time) string {
	if end.Before(now) {
		return "expired " + duration.HumanDuration(now.Sub(end))
	}
	return duration.HumanDuration(end.Sub(now))
}

var severityColors = map[trust.Severity]string{trust.Error: "31", trust.Warning: "33", trust.Note: "36"}

// findingsPrinter writes findings for people.
type findingsPrinter struct {
	w       io.Writer
	color   bool
	outcome bool   // add what became of each, and leave out what to do about what was repaired
	program string // as the user calls it, for what to do
	target  trust.Target
}

// manyNotes is from where on notes of one kind are counted, not listed.
const manyNotes = 4

// print writes a line a finding, and below them what to do.
func (p findingsPrinter) print(findings []trust.Finding) {
	counts, told := map[string]int{}, map[string]bool{}
	for _, f := range findings {
		counts[f.ID]++
	}
	for _, f := range findings {
		switch many := f.Severity == trust.Note && counts[f.ID] >= manyNotes; {
		case !many:
			p.line(f, "")
		case !told[f.ID]:
			told[f.ID] = true
			rule, _ := trust.RuleOf(f.ID)
			all := trust.Finding{ID: f.ID, Severity: f.Severity, Reason: rule.What}
			p.line(all, fmt.Sprintf(" (%d times, -o json lists them)", counts[f.ID]))
		}
	}
	p.fixes(findings)
}

// fixes writes what to do, once for each ID that is more than a note.
func (p findingsPrinter) fixes(findings []trust.Finding) {
	fixes := map[string]string{}
	for _, f := range findings {
		rule, _ := trust.RuleOf(f.ID)
		if f.Severity != trust.Note && !(p.outcome && rule.Bundle == trust.Repaired) {
			fixes[f.ID] = strings.ReplaceAll(rule.FixFor(p.target), "kubectl certs", p.program)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(fixes)) {
		fmt.Fprintf(p.w, "fix %s: %s\n", id, fixes[id])
	}
}

func (p findingsPrinter) line(f trust.Finding, more string) {
	line := f.String()
	if p.color {
		word := string(f.Severity) + " " + f.ID
		line = strings.Replace(line, word, "\x1b["+severityColors[f.Severity]+"m"+word+"\x1b[0m", 1)
	}
	if rule, _ := trust.RuleOf(f.ID); p.outcome && rule.Bundle != "" {
		more += " (" + string(rule.Bundle) + ")"
	}
	fmt.Fprintln(p.w, line+more)
}

// countFindings sums findings up: 1 error, 2 warnings.
func countFindings(findings []trust.Finding) string {
	var parts []string
	for _, severity := range []trust.Severity{trust.Error, trust.Warning, trust.Note} {
		n := 0
		for _, f := range findings {
			if f.Severity == severity {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, count(n, string(severity)))
		}
	}
	if len(parts) == 0 {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}
