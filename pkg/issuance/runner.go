package issuance

import (
	"context"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// Runner fulfils demands.
type Runner struct {
	Store Store
	// CA opens the account of an issuer, or returns the one that is open.
	CA func(ctx context.Context, issuer Issuer) (CA, error)
	// Solvers chooses how each name of a demand is proved; see Request.Solver.
	Solvers func(d *Demand, ca CA) func(name string, wildcard bool, offered []string) (Solver, error)
	Rules   Rules
	// Workers is how many orders may be under way at one CA, at least one.
	Workers int
	// Limits are the rate limits by which new certificates wait; nil for none.
	Limits func(directory string) ratelimit.Limits
	// Report, if not nil, is told what happens, one event at a time.
	Report func(Event)

	gates gates
}

// Kind is what an event tells.
type Kind string

// The kinds of events.
const (
	// Planned: a certificate is to be issued.
	Planned Kind = "planned"
	// Begun: everything was looked at, and what was planned is ordered now.
	Begun Kind = "begun"
	// Advanced: an order reached a state.
	Advanced Kind = "advanced"
	// Done: a certificate is stored.
	Done Kind = "issued"
	// Failed: a try failed; Event.At is the next.
	Failed Kind = "failed"
	// Interrupted: the context ended while an order was under way.
	Interrupted Kind = "interrupted"
	// Held: nothing is done although something should be.
	Held Kind = "held"
	// Fine: nothing is to be done until Event.At.
	Fine Kind = "ok"
	// Gone: nobody asks for the certificate any more; the Secret stays.
	Gone Kind = "gone"
)

// Event is something that happened to one Secret.
type Event struct {
	Kind     Kind
	Entry    Entry
	Decision Decision
	Cost     ratelimit.Cost // of rate limits, for Planned and for Held by one
	State    State          // for Advanced
	Err      error          // for Failed
	Took     time.Duration
	At       time.Time
}

func (r *Runner) report(e Event) {
	if r.Report != nil {
		r.Report(e)
	}
}

// Summary counts how a single pass went. Interrupted orders were under way when
// the context ended, Waiting ones were not begun.
type Summary struct {
	Fine, Issued, Failed, Held, Interrupted, Waiting int
}

// Gate is the gate of a server, to tell it how the server answers.
func (r *Runner) Gate(server string) *Gate { return r.gates.at(server, max(r.Workers, 1)) }
