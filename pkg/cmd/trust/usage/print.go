package usage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func (o *Options) print(r result) error {
	if err := output.SortRows(o.Output, r.uses); err != nil {
		return err
	}
	if !o.Output.IsText() {
		return o.Output.Print(o.IO.Out, r.list())
	}
	if err := o.printTable(r); err != nil {
		return err
	}
	o.printSummary(r)
	o.printDoubts(r.doubts)
	for _, note := range r.notes {
		o.IO.Messagef("note: %s", note)
	}
	return nil
}

func (o *Options) wide() bool { return o.Output.Is(output.Wide) }

// printTable prints what needs the CAs, and all uses if it is wide.
func (o *Options) printTable(r result) error {
	table := o.IO.NewTable(o.wide())
	var last []string
	for _, u := range r.uses {
		if !u.Needs && !o.wide() {
			continue
		}
		if last == nil && !o.Output.NoHeaders() {
			table.Row(header(o.wide())...)
		}
		if row := u.row(o.Now, o.wide()); !slices.Equal(row, last) { // one Secret may have it under two keys
			table.Row(row...)
			last = row
		}
	}
	return table.Flush()
}

func header(wide bool) []string {
	if wide {
		return []string{"NAMESPACE", "OBJECT", "KEY", "CERTIFICATE", "EXPIRES", "CHAIN", "NEEDS", "USED-BY", "ISSUER", "SHA256"}
	}
	return []string{"NAMESPACE", "SECRET", "CERTIFICATE", "EXPIRES", "CHAIN", "USED-BY"}
}

func (u useView) row(now time.Time, wide bool) []string {
	usedBy, chain := cmp.Or(strings.Join(u.UsedBy, ", "), "-"), u.chainText()
	if !wide {
		return []string{u.Namespace, u.Name, u.title(), certificates.Expiry(u.NotAfter, now), chain, usedBy}
	}
	needs := "no: " + u.Why
	if u.Needs {
		needs = "yes: " + u.Why
	}
	return []string{u.Namespace, u.Kind + "/" + u.Name, u.Key, u.title(), certificates.Day(u.NotAfter), chain, needs, usedBy, cmp.Or(u.Issuer, "-"), u.SHA256}
}

// title is what people know a certificate by: its first name, or its subject.
func (u useView) title() string {
	switch {
	case u.Role != usage.Server || len(u.Names) == 0:
		return certificates.ShortName(u.Subject)
	case len(u.Names) == 1:
		return printable.Line(u.Names[0])
	}
	return fmt.Sprintf("%s +%d", printable.Line(u.Names[0]), len(u.Names)-1)
}

func (u useView) chainText() string {
	if len(u.Chain) == 1 {
		return "itself"
	}
	return strings.Join(u.Chain[1:], " → ")
}

// printSummary prints how many Secrets need the CAs, and what was not counted.
func (o *Options) printSummary(r result) {
	for _, ca := range r.cas {
		o.IO.Messagef("%s", ca)
	}
	it, need := "it", "need"
	if len(r.cas) > 1 {
		it = "any of them"
	}
	if r.counts.Secrets == 1 {
		need = "needs"
	}
	switch {
	case r.counts.Secrets == 0 && len(r.doubts) > 0:
		o.IO.Messagef("no certificate %s is known to need %s", o.where(), it)
	case r.counts.Secrets == 0:
		o.IO.Messagef("no certificate %s needs %s; not checked: keystores, memory, other clusters", o.where(), it)
	case r.counts.Signers > 0:
		o.IO.Messagef("%s %s %s; issuers sign with %d of them", phrase.Count(r.counts.Secrets, "Secret"), need, it, r.counts.Signers)
	default:
		o.IO.Messagef("%s %s %s", phrase.Count(r.counts.Secrets, "Secret"), need, it)
	}
	if len(r.counts.Others) > 0 && !o.wide() {
		o.IO.Messagef("not counted (-o wide lists them): %s", countText(r.counts.Others))
	}
}

// where says what was looked at.
func (o *Options) where() string {
	if o.Namespace == "" {
		return "in the cluster"
	}
	return "in namespace " + o.Namespace
}

// countText lists numbers in order of their words: 2 expired, 1 trusts it.
func countText(numbers map[string]int) string {
	var parts []string
	for _, word := range slices.Sorted(maps.Keys(numbers)) {
		parts = append(parts, fmt.Sprintf("%d %s", numbers[word], word))
	}
	return strings.Join(parts, ", ")
}

func (o *Options) printDoubts(doubts []doubtView) {
	for i, d := range doubts {
		if i == clusterreader.ManyLines && !o.wide() {
			o.IO.Messagef("and %d more unknown (-o wide lists them)", len(doubts)-i)
			return
		}
		o.IO.Messagef("unknown: %s/%s/%s: %s: %s", strings.ToLower(d.Kind), d.Namespace, d.Name, d.Key, d.Why)
	}
}
