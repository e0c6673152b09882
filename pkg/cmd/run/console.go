package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// consoleReporter reports a single pass to a person: first the plan as a table,
// then a line for each certificate, and on a terminal the orders under way.
type consoleReporter struct {
	io    iostreams.IO
	row   func(issuance.Event) operator.Row
	tally *tally

	rows    []operator.Row
	at      map[issuance.Ref]int // of each Secret in rows
	begun   bool                 // the plan is printed
	ordered int
	done    int
	states  map[issuance.Ref]issuance.State
	shown   time.Time
}

func (c *consoleReporter) report(e issuance.Event) {
	c.tally.add(e)
	switch e.Kind {
	case issuance.Planned, issuance.Deferred, issuance.UpToDate:
		c.plan(e)
		if e.Kind == issuance.Deferred && c.begun { // the Secret has changed since it was planned
			c.done++
			c.line("✗", e, "deferred: "+e.Decision.Deferred)
		}
	case issuance.Begun:
		c.begun = true
		_ = printPlan(c.io, slices.SortedFunc(slices.Values(c.rows), func(a, b operator.Row) int {
			return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Secret, b.Secret))
		}), planFormat{most: manyRows})
	case issuance.Advanced:
		c.advance(e)
	case issuance.Noted:
		c.clear()
		c.io.Messagef("note: %s: %s", e.Entry.Ref, e.Note)
	case issuance.Done:
		c.done++
		c.line("✓", e, fmt.Sprintf("issued in %s, valid until %s, renews about %s", e.Took.Round(100*time.Millisecond),
			e.Entry.Secret.NotAfter.Format(time.DateOnly), e.At.Format(time.DateOnly)))
	case issuance.Interrupted:
		delete(c.states, e.Entry.Ref)
	case issuance.Failed:
		c.done++
		c.line("✗", e, e.Err.Error())
		if next := time.Until(e.At).Round(time.Second); next > 0 && e.Entry.Journal.Version != "" {
			c.io.Messagef("  retry in %s, or now: kubectl certs renew %s -n %s%s", phrase.Age(next), e.Entry.Ref.Name, e.Entry.Ref.Namespace, oldCertificate(e.Entry.Secret))
		}
	}
}

// plan keeps the last row of each Secret: the CA's renewal information may
// change the first one.
func (c *consoleReporter) plan(e issuance.Event) {
	r := c.row(e)
	if e.Kind == issuance.Planned {
		c.ordered++
	}
	if i, known := c.at[e.Entry.Ref]; known {
		c.rows[i] = r
		return
	}
	if c.at == nil {
		c.at = map[issuance.Ref]int{}
	}
	c.at[e.Entry.Ref] = len(c.rows)
	c.rows = append(c.rows, r)
}

// oldCertificate says that a certificate which was not renewed is still valid.
func oldCertificate(h issuance.SecretState) string {
	if !h.Exists || h.Temporary || h.Damage != "" || h.NotAfter.Before(time.Now()) {
		return ""
	}
	return fmt.Sprintf("; the old certificate is valid for %s", phrase.Age(time.Until(h.NotAfter)))
}

func (c *consoleReporter) line(mark string, e issuance.Event, text string) {
	c.clear()
	delete(c.states, e.Entry.Ref)
	mark = c.io.Paint(map[string]iostreams.Color{"✓": iostreams.Green, "✗": iostreams.Red}[mark], mark)
	lines := strings.Split(text, "\n")
	fmt.Fprintf(c.io.Out, "%s %s\n", mark, printable.Line(fmt.Sprintf("%s  %s", e.Entry.Ref, lines[0])))
	for _, line := range lines[1:] {
		c.io.Printf("    %s", line)
	}
	c.show()
}

func (c *consoleReporter) advance(e issuance.Event) {
	if c.states == nil {
		c.states = map[issuance.Ref]issuance.State{}
	}
	c.states[e.Entry.Ref] = e.State
	if time.Since(c.shown) > 100*time.Millisecond {
		c.show()
	}
}

// show writes the line of progress.
func (c *consoleReporter) show() {
	if !c.io.Progress || len(c.states) == 0 {
		return
	}
	c.shown = time.Now()
	counts := map[issuance.State]int{}
	for _, s := range c.states {
		counts[s]++
	}
	var parts []string
	for _, s := range []issuance.State{issuance.Ordered, issuance.Presenting, issuance.Validating, issuance.Finalizing, issuance.Issued} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	c.io.ShowProgress(fmt.Sprintf("%d of %d done; %s", c.done, c.ordered, strings.Join(parts, ", ")))
}

func (c *consoleReporter) clear() {
	c.io.ShowProgress("")
}
