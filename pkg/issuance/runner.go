package issuance

import (
	"context"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// Runner issues requested certificates.
type Runner struct {
	Store Store
	// CA opens the account of an issuer, or returns the open one.
	CA func(ctx context.Context, issuer Issuer) (CA, error)
	// Solvers selects how each name of a demand is validated; see Request.Solver.
	Solvers func(d *Demand, ca CA) func(name string, wildcard bool, offered []string) (ChosenSolver, error)
	Rules   Rules
	// Release, if not nil, is called before a certificate for a new key is stored. It deletes
	// what would make cert-manager issue again, and returns its name, "" for nothing.
	Release func(ctx context.Context, d *Demand, keyPEM []byte) (string, error)
	// Workers is the maximum number of concurrent orders at one CA, at least one.
	Workers int
	// Limits are the rate limits of a CA, which defer new certificates; nil for none.
	Limits func(directory string) ratelimit.Limits
	// Report, if not nil, is called with each event, never concurrently.
	Report func(Event)

	gates gates
}

// Kind is the kind of an event.
type Kind string

// The kinds of events.
const (
	// Planned: a certificate will be issued.
	Planned Kind = "planned"
	// Begun: all entries are decided; orders start now.
	Begun Kind = "begun"
	// Advanced: an order reached a state.
	Advanced Kind = "advanced"
	// Noted: Event.Note is for the user.
	Noted Kind = "note"
	// Done: a certificate is stored.
	Done Kind = "issued"
	// Failed: a try failed; Event.At is the next one.
	Failed Kind = "failed"
	// Interrupted: the context ended during an order.
	Interrupted Kind = "interrupted"
	// Deferred: a certificate should be issued, but is not.
	Deferred Kind = "deferred"
	// UpToDate: nothing is due until Event.At.
	UpToDate Kind = "ok"
	// NotRequested: the certificate is no longer requested; the Secret remains.
	NotRequested Kind = "gone"
)

// Event is an event about one Secret.
type Event struct {
	Kind     Kind
	Entry    Entry
	Decision Decision
	Cost     ratelimit.Cost // of rate limits, for Planned and for Deferred by one
	State    State          // for Advanced
	Note     string         // for Noted
	Err      error          // for Failed
	Took     time.Duration
	At       time.Time
}

func (r *Runner) report(e Event) {
	if r.Report != nil {
		r.Report(e)
	}
}

// Summary is the result of a single pass. Interrupted counts orders in progress at the end of
// the context, Waiting those that had not started. RateLimited counts certificates that only wait
// for a rate limit of the CA, Deferred those that something else prevents.
type Summary struct {
	UpToDate, Issued, Failed, Deferred, RateLimited, Interrupted, Waiting int
}

// Gate returns the gate of a server, which observes its answers.
func (r *Runner) Gate(server string) *Gate { return r.gates.at(server, max(r.Workers, 1)) }
