package rotation

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Step is what is to be done, or waited for, next.
type Step string

// The steps, in their order. A rotation is at the first that is not done.
const (
	Add    Step = "add"    // the new CA joins the old one in the bundle
	Spread Step = "spread" // until every location has it and every pod has read it
	Switch Step = "switch" // issuers sign with the new CA
	Drain  Step = "drain"  // until nothing needs the old CA
	Remove Step = "remove" // the old CA leaves the bundle
	Settle Step = "settle" // until no location has it and no pod has read it
	Done   Step = "done"
)

// Steps are all steps in order, but for the end.
var Steps = []Step{Add, Spread, Switch, Drain, Remove, Settle}

// Gate is a point that a pipeline can wait for.
type Gate string

// Spread issuance may be switched; Drained the old CA may be removed.
const (
	GateSpread  Gate = "spread"
	GateDrained Gate = "drained"
	GateDone    Gate = "done"
)

// Gates are all there are.
var Gates = []Gate{GateSpread, GateDrained, GateDone}

// Status is where a rotation is.
type Status struct {
	Step Step
	// Early is true if the old CA left the bundle while something needs it.
	Early bool
	// Blockers are what each step waits for. Those of steps ahead may change.
	Blockers map[Step][]Blocker
	Warnings []string
	// Bundle is what is to be in the bundle next; nil if that is not due.
	Bundle []*x509.Certificate
}

// Holds reports whether a gate is open, or was passed.
func (s Status) Holds(g Gate) bool {
	switch {
	case s.Early:
		return false
	case g == GateSpread:
		return s.Step != Add && s.Step != Spread
	case g == GateDrained:
		return s.Step == Remove || s.Step == Settle || s.Step == Done
	}
	return s.Step == Done
}

// State is how a step stands to the current one.
type State string

// The states of a step. Early is one that was skipped: the old CA left the bundle
// while something needs it.
const (
	StateDone  State = "done"
	StateNow   State = "now"
	StateLater State = "later"
	StateEarly State = "early"
)

// State returns the state of a step.
func (s Status) State(step Step) State {
	i, now := slices.Index(Steps, step), slices.Index(Steps, s.Step)
	switch {
	case s.Early && (step == Drain || step == Remove):
		return StateEarly
	case i < now || s.Step == Done:
		return StateDone
	case i == now:
		return StateNow
	}
	return StateLater
}

// WaitsFor returns what a step that is not done waits for. Settle waits for nothing
// before it is the current step.
func (s Status) WaitsFor(step Step) []Blocker {
	if s.State(step) == StateDone || step == Settle && s.Step != Settle {
		return nil
	}
	return s.Blockers[step]
}

// Decide finds where a rotation is.
func Decide(f Facts) Status {
	s := Status{Blockers: map[Step][]Blocker{
		Add: f.toAdd(), Spread: f.spread(), Switch: f.toSwitch(), Drain: f.drain(), Settle: f.settle(),
	}}
	needed := f.needed()
	left := pki.Without(f.Old, pki.Without(f.Old, f.Bundle))
	switch {
	case len(pki.Without(f.New, f.Bundle)) > 0:
		if s.Step = Add; len(s.Blockers[Add]) == 0 {
			s.Bundle = pki.Union(pki.Union(f.Bundle, pki.Union(needed, f.spreadOld())), f.New)
		}
	case len(pki.Without(needed, f.Bundle)) > 0:
		s.Step, s.Early = Remove, true
	case len(left) > 0:
		s.Step = Remove
		for _, step := range []Step{Drain, Switch, Spread} {
			if len(s.Blockers[step]) > 0 {
				s.Step = step
			}
		}
		if s.Step == Remove {
			s.Bundle = pki.Without(f.Bundle, f.Old)
		}
	case len(f.unknown()) > 0: // it is out, and nobody can tell whether it is needed
		s.Step, s.Blockers[Drain] = Drain, f.unknown()
	case len(s.Blockers[Settle]) > 0:
		s.Step = Settle
	default:
		s.Step = Done
	}
	s.Warnings = f.warnings(s)
	return s
}

// soon is how far ahead of the end of the old CA one is told.
const soon = 90 * 24 * time.Hour

func (f Facts) warnings(s Status) []string {
	var list []string
	if !s.Holds(GateSpread) && !s.Early {
		for _, u := range f.OfNew {
			if u.Role == usage.Server && u.Needs(f.Now) {
				list = append(list, fmt.Sprintf("%s is of the new CA already; clients that have not read it yet refuse it", u.Ref))
			}
		}
	}
	for _, u := range f.OfOld {
		if u.Role == usage.Signer && !u.Needs(f.Now) && u.Instead == nil && !u.Expired(f.Now) && !s.Holds(GateDrained) && !s.Early {
			list = append(list, fmt.Sprintf("%s has %s and its key, and nobody is seen to sign with it", u.Ref, pki.Name(u.Cert.Subject)))
		}
	}
	for _, ca := range f.needed() {
		if left := ca.NotAfter.Sub(f.Now); left < soon {
			list = append(list, fmt.Sprintf("%s ends on %s, and with it all that needs it", pki.Name(ca.Subject), ca.NotAfter.UTC().Format(time.DateOnly)))
		}
	}
	for _, d := range f.Doubts {
		if slices.Contains(f.Ignore, d.Ref) {
			list = append(list, fmt.Sprintf("%s is ignored, though %s: %s", d.Ref, d.Key, d.Why))
		}
	}
	if !s.Holds(GateDrained) && !s.Early {
		list = append(list, f.elsewhere()...)
	}
	for _, h := range f.Locations {
		if h.Idle != "" {
			list = append(list, h.Location+": "+h.Idle)
		}
	}
	if len(f.readers()) == 0 && s.Step != Add {
		list = append(list, "no pod that is selected mounts any of the places; who reads them otherwise is not seen")
	}
	return list
}

// few is how many of a kind are told of one by one.
const few = 5

// elsewhere are Secrets and ConfigMaps that are there to trust the old CA, not
// the new one, and that nobody has named as a location. The ca.crt that comes with
// a certificate is none: it changes with that.
func (f Facts) elsewhere() []string {
	known := map[usage.Ref]bool{}
	for _, h := range f.Locations {
		known[h.Object] = true
		for _, before := range h.Before {
			known[before] = true
		}
	}
	for _, u := range f.OfNew {
		known[u.Ref] = known[u.Ref] || u.Role == usage.Trusted
	}
	var list []string
	for _, u := range f.OfOld {
		if u.Role != usage.Trusted || known[u.Ref] || u.Ref.Kind == "Secret" && u.Key == cabundle.CAKey {
			continue
		}
		known[u.Ref] = true
		list = append(list, fmt.Sprintf("%s trusts %s and not %s, and is none of the places", u.Ref, Names(f.Old, f.New), Names(f.New, f.Old)))
	}
	if more := len(list) - few; more > 0 {
		list = append(list[:few], fmt.Sprintf("and so do %d more; kubectl certs trust usage -o wide lists them", more))
	}
	return list
}
