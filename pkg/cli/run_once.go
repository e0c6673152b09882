package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// runOnce issues what is to be issued, and tells how it went.
func (o *operator) runOnce(ctx context.Context) error {
	if err := o.alone(ctx); err != nil {
		return err
	}
	return o.lead(ctx, func(ctx context.Context) error {
		entries, err := o.read(ctx)
		if err != nil {
			return err
		}
		s, ctx := newServers(ctx)
		defer s.close()
		if err := o.listen(s); err != nil {
			return err
		}
		if err := o.world.SweepSolvers(ctx); err != nil {
			return err
		}
		t := teller{operator: o, events: newRecorder(o)}
		defer func() { t.events.close(ctx) }()
		summary, err := o.runner(t.tell).Once(ctx, entries)
		t.clear()
		if err != nil {
			return err
		}
		o.env.say("%d issued, %d failed, %d held back, %d fine", summary.Issued, summary.Failed, summary.Held, summary.Fine)
		if summary.Failed+summary.Held > 0 {
			return errFound
		}
		return nil
	})
}

// teller tells a person how a single pass goes: first the plan as a table,
// then a line for each certificate, and on a terminal what is under way.
type teller struct {
	*operator
	events  *recorder
	rows    []row
	at      map[run.Ref]int // of each Secret in rows
	ordered int
	done    int
	states  map[run.Ref]run.State
	shown   time.Time
}

func (t *teller) tell(e run.Event) {
	t.events.tell(e)
	t.tally.tell(e)
	switch e.Kind {
	case run.Planned, run.Held, run.Fine:
		t.plan(e)
	case run.Begun:
		t.printRows(slices.SortedFunc(slices.Values(t.rows), func(a, b row) int {
			return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Secret, b.Secret))
		}), manyRows)
	case run.Advanced:
		t.advance(e)
	case run.Done:
		t.done++
		t.line("✓", e, fmt.Sprintf("issued in %s, valid until %s, renews about %s", e.Took.Round(100*time.Millisecond),
			e.Entry.Have.NotAfter.Format(time.DateOnly), e.At.Format(time.DateOnly)))
	case run.Interrupted:
		delete(t.states, e.Entry.Ref)
	case run.Failed:
		t.done++
		t.line("✗", e, e.Err.Error())
		if next := time.Until(e.At).Round(time.Second); next > 0 && e.Entry.Journal.Version != "" {
			t.env.say("  next try in %s, or now: kubectl certs renew %s -n %s%s", age(next), e.Entry.Ref.Name, e.Entry.Ref.Namespace, t.stillThere(e.Entry.Have))
		}
	}
}

// plan keeps the last word about each Secret: the CA's renewal information may
// change the first one.
func (t *teller) plan(e run.Event) {
	r := t.row(e)
	if e.Kind == run.Planned {
		t.ordered++
	}
	if i, known := t.at[e.Entry.Ref]; known {
		t.rows[i] = r
		return
	}
	if t.at == nil {
		t.at = map[run.Ref]int{}
	}
	t.at[e.Entry.Ref] = len(t.rows)
	t.rows = append(t.rows, r)
}

func (t *teller) stillThere(h run.Have) string {
	if !h.Exists || h.Temporary || h.Damage != "" || h.NotAfter.Before(time.Now()) {
		return ""
	}
	return fmt.Sprintf("; the old certificate stays in place (%s left)", age(time.Until(h.NotAfter)))
}

func (t *teller) line(mark string, e run.Event, text string) {
	t.clear()
	delete(t.states, e.Entry.Ref)
	mark = t.env.in(map[string]string{"✓": green, "✗": red}[mark], mark)
	lines := strings.Split(text, "\n")
	fmt.Fprintf(t.env.Out, "%s %s\n", mark, printable.Line(fmt.Sprintf("%s  %s", e.Entry.Ref, lines[0])))
	for _, line := range lines[1:] {
		t.env.print("    %s", line)
	}
	t.show()
}

func (t *teller) advance(e run.Event) {
	if t.states == nil {
		t.states = map[run.Ref]run.State{}
	}
	t.states[e.Entry.Ref] = e.State
	if time.Since(t.shown) > 100*time.Millisecond {
		t.show()
	}
}

// show writes the line that comes and goes.
func (t *teller) show() {
	if !t.env.Progress || len(t.states) == 0 {
		return
	}
	t.shown = time.Now()
	counts := map[run.State]int{}
	for _, s := range t.states {
		counts[s]++
	}
	var parts []string
	for _, s := range []run.State{run.Ordered, run.Proving, run.Validating, run.Finalizing, run.Issued} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	fmt.Fprintf(t.env.Err, clearLine+"%d of %d done; %s", t.done, t.ordered, strings.Join(parts, ", "))
}

func (t *teller) clear() {
	if t.env.Progress {
		fmt.Fprint(t.env.Err, clearLine)
	}
}

// age is a duration as kubectl prints ages.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%ds", int(d.Seconds()))
}
