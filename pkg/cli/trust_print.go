package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// shortSum is how much of a fingerprint tells certificates apart at a glance.
const shortSum = len("9f:1c:33:04:aa:5b:21:77")

// printCertificates writes a table, a certificate a line.
func printCertificates(w io.Writer, entries []cabundle.Entry, now time.Time, wide bool) error {
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
		fmt.Fprintln(table, cells(certificateCells(e, now, wide)...))
	}
	return table.Flush()
}

func certificateCells(e cabundle.Entry, now time.Time, wide bool) []string {
	c, sum := e.Cert, pki.Fingerprint(e.Cert)
	name, kind, usedFor := pki.Name(c.Subject), string(cabundle.KindOf(c)), strings.Join(cabundle.UsedFor(c), ",")
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

// reported returns findings with what a report shows about them for a target.
// With outcome the actions have been done, and what was repaired needs no fix.
func reported(findings []finding.Finding, target cabundle.Target, outcome bool) []finding.Reported {
	list := make([]finding.Reported, len(findings))
	for i, f := range findings {
		rule, _ := cabundle.RuleOf(f.ID)
		f.Fix = rule.FixFor(target)
		list[i] = finding.Reported{Finding: f, What: rule.What, Why: rule.Why, File: f.Position.Source, Action: string(rule.Bundle)}
		if outcome {
			list[i].Outcome = string(rule.Bundle)
		}
		if outcome && rule.Bundle == cabundle.Repaired {
			list[i].Fix = ""
		}
	}
	return list
}

// printFindings writes findings as lines with their fixes.
func printFindings(w io.Writer, list []finding.Reported, o finding.TextOptions) {
	_, _ = io.WriteString(w, finding.Text(list, o)) // output keeps the error
}
