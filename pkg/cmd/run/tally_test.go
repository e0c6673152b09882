package run

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

func TestTally(t *testing.T) {
	at := func(kind issuance.Kind, name string) issuance.Event {
		return issuance.Event{Kind: kind, Entry: issuance.Entry{Ref: issuance.Ref{Namespace: "shop", Name: name}}}
	}
	plan := []issuance.Event{at(issuance.Planned, "a"), at(issuance.Planned, "b"), at(issuance.Planned, "c"), {Kind: issuance.Begun}}
	for name, tt := range map[string]struct {
		follows bool
		lease   string
		events  []issuance.Event
		want    string
	}{
		"nothing yet":     {want: "nothing ordered"},
		"planned":         {events: plan, want: "0 of 3 certificates issued; run the command again to resume"},
		"all done":        {events: append(plan, at(issuance.Done, "a"), at(issuance.Done, "b"), at(issuance.Failed, "c")), want: "2 of 3 certificates issued, 1 failed"},
		"interrupted":     {events: append(plan, at(issuance.Advanced, "a"), at(issuance.Done, "a"), at(issuance.Advanced, "b"), at(issuance.Interrupted, "b")), want: "1 of 3 certificates issued, 1 order interrupted (shop/b); run the command again to resume"},
		"held after all":  {events: append(plan, at(issuance.Deferred, "a")), want: "0 of 2 certificates issued; run the command again to resume"},
		"not in time":     {lease: "shop/run", events: append(plan, at(issuance.Advanced, "b")), want: "0 of 3 certificates issued, 1 order interrupted (shop/b); run the command again to resume; not finished in time: the order for Secret shop/b, the Lease shop/run"},
		"follows, idle":   {follows: true, events: append(plan, at(issuance.Done, "a"), at(issuance.Done, "a")), want: "2 certificates issued"},
		"follows, orders": {follows: true, events: append(plan, at(issuance.Advanced, "a"), at(issuance.Interrupted, "a")), want: "0 certificates issued, 1 order interrupted (shop/a); the next run resumes them"},
	} {
		t.Run(name, func(t *testing.T) {
			tally := newTally()
			tally.follows = tt.follows
			tally.holds(tt.lease)
			for _, e := range tt.events {
				tally.add(e)
			}
			if diff := cmp.Diff(tt.want, tally.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
