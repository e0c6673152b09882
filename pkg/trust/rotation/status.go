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

// Step is a step of a rotation.
type Step string

// The steps in order. A rotation is at the first step that is not done.
const (
	Add        Step = "add"        // add the new CA to the bundle
	Distribute Step = "distribute" // wait until every location has it and every pod has read it
	Switch     Step = "switch"     // make issuers sign with the new CA
	Drain      Step = "drain"      // wait until nothing needs the old CA
	Remove     Step = "remove"     // remove the old CA from the bundle
	Settle     Step = "settle"     // wait until no location has it and no pod uses it
	Done       Step = "done"
)

// Steps are all steps in order, except Done.
var Steps = []Step{Add, Distribute, Switch, Drain, Remove, Settle}

// Gate is a point of a rotation that a pipeline can wait for.
type Gate string

// At GateDistributed issuers may be switched. At GateDrained the old CA may be
// removed.
const (
	GateDistributed Gate = "distributed"
	GateDrained     Gate = "drained"
	GateDone        Gate = "done"
)

// Gates are all gates in order.
var Gates = []Gate{GateDistributed, GateDrained, GateDone}

// Status is the progress of a rotation.
type Status struct {
	Step Step
	// Early is true if the old CA was removed from the bundle while something
	// needs it.
	Early bool
	// Blockers are the reasons why each step is not done. Those of later steps may
	// change.
	Blockers map[Step][]Blocker
	Warnings []string
	// Bundle is the next content of the bundle; nil if it stays as it is.
	Bundle []*x509.Certificate
}

// Holds reports whether a gate is reached.
func (s Status) Holds(g Gate) bool {
	switch {
	case s.Early:
		return false
	case g == GateDistributed:
		return s.Step != Add && s.Step != Distribute
	case g == GateDrained:
		return s.Step == Remove || s.Step == Settle || s.Step == Done
	}
	return s.Step == Done
}

// State is the state of a step.
type State string

// The states of a step. StateEarly means that the step was skipped: the old CA
// was removed from the bundle while something needs it.
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

// WaitsFor returns the blockers of a step that is not done. Settle has none
// before it is the current step.
func (s Status) WaitsFor(step Step) []Blocker {
	if s.State(step) == StateDone || step == Settle && s.Step != Settle {
		return nil
	}
	return s.Blockers[step]
}

// Decide returns the status of a rotation.
func Decide(f Facts) Status {
	s := Status{Blockers: map[Step][]Blocker{
		Add: f.toAdd(), Distribute: f.distribute(), Switch: f.toSwitch(), Drain: f.drain(), Settle: f.settle(),
	}}
	needed := f.needed()
	left := pki.Without(f.Old, pki.Without(f.Old, f.Bundle))
	switch {
	case len(pki.Without(f.New, f.Bundle)) > 0:
		if s.Step = Add; len(s.Blockers[Add]) == 0 {
			s.Bundle = pki.Union(pki.Union(f.Bundle, pki.Union(needed, f.distributedOld())), f.New)
		}
	case len(pki.Without(needed, f.Bundle)) > 0:
		s.Step, s.Early = Remove, true
	case len(left) > 0:
		s.Step = Remove
		for _, step := range []Step{Drain, Switch, Distribute} {
			if len(s.Blockers[step]) > 0 {
				s.Step = step
			}
		}
		if s.Step == Remove {
			s.Bundle = pki.Without(f.Bundle, f.Old)
		}
	case len(f.unknown()) > 0: // removed, but it may still be needed
		s.Step, s.Blockers[Drain] = Drain, f.unknown()
	case len(s.Blockers[Settle]) > 0:
		s.Step = Settle
	default:
		s.Step = Done
	}
	s.Warnings = f.warnings(s)
	return s
}

// soon is how long before the old CA expires a warning appears.
const soon = 90 * 24 * time.Hour

func (f Facts) warnings(s Status) []string {
	var list []string
	if !s.Holds(GateDistributed) && !s.Early {
		for _, u := range f.OfNew {
			if u.Role == usage.Server && u.Needs(f.Now) {
				list = append(list, fmt.Sprintf("%s is already issued by the new CA; clients that have not read the new CA reject it", u.Ref))
			}
		}
	}
	for _, u := range f.OfOld {
		if u.Role == usage.Signer && !u.Needs(f.Now) && u.Instead == nil && !u.Expired(f.Now) && !s.Holds(GateDrained) && !s.Early {
			list = append(list, fmt.Sprintf("%s has %s and its key, but no issuer signs with it", u.Ref, pki.Name(u.Cert.Subject)))
		}
	}
	for _, ca := range f.needed() {
		if left := ca.NotAfter.Sub(f.Now); left < soon {
			list = append(list, fmt.Sprintf("%s expires on %s, and certificates that need it fail then", pki.Name(ca.Subject), ca.NotAfter.UTC().Format(time.DateOnly)))
		}
	}
	for _, d := range f.Doubts {
		if slices.Contains(f.Ignore, d.Ref) {
			list = append(list, fmt.Sprintf("%s is in ignore, but key %s may still need the old CA: %s", d.Ref, d.Key, d.Why))
		}
	}
	if !s.Holds(GateDrained) && !s.Early {
		list = append(list, f.otherLocations()...)
	}
	for _, h := range f.Locations {
		if h.Idle != "" {
			list = append(list, h.Location+": "+h.Idle)
		}
	}
	if len(f.readers()) == 0 && s.Step != Add {
		list = append(list, "no selected pod mounts any of the locations; other readers are unknown")
	}
	return list
}

// few is how many warnings of a kind are listed.
const few = 5

// otherLocations returns warnings about Secrets and ConfigMaps that trust the old CA,
// not the new one, and are not among the locations. The ca.crt beside a
// certificate does not count, because it changes with the certificate.
func (f Facts) otherLocations() []string {
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
		list = append(list, fmt.Sprintf("%s trusts %s but not %s; if clients use it, add it to the locations", u.Ref, Names(f.Old, f.New), Names(f.New, f.Old)))
	}
	if more := len(list) - few; more > 0 {
		list = append(list[:few], fmt.Sprintf("%d more objects do so; kubectl certs trust usage -o wide lists them", more))
	}
	return list
}
