package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// tally counts how the orders of a run go, for the case that a signal stops it.
type tally struct {
	follows        bool // a run that goes on for ever
	lock           sync.Mutex
	planned        map[issuance.Ref]bool
	underWay       map[issuance.Ref]bool
	interrupted    map[issuance.Ref]bool
	issued, failed int
	lease          string // that is held
}

func newTally() *tally {
	return &tally{planned: map[issuance.Ref]bool{}, underWay: map[issuance.Ref]bool{}, interrupted: map[issuance.Ref]bool{}}
}

// add counts an event.
func (t *tally) add(e issuance.Event) {
	t.lock.Lock()
	defer t.lock.Unlock()
	ref := e.Entry.Ref
	switch e.Kind {
	case issuance.Begun, issuance.Noted:
		return
	case issuance.Planned:
		t.planned[ref] = true
	case issuance.Advanced:
		t.underWay[ref] = true
		return
	case issuance.Done:
		t.issued++
	case issuance.Failed:
		t.failed++
	case issuance.Interrupted:
		t.interrupted[ref] = true
	case issuance.Deferred, issuance.NotRequested:
		delete(t.planned, ref)
	}
	delete(t.underWay, ref)
}

// holds notes the Lease that is held, "" for none.
func (t *tally) holds(lease string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.lease = lease
}

// String says what was done, and what is left for the next run.
func (t *tally) String() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	interrupted := names(t.interrupted, t.underWay)
	text := t.counts(interrupted)
	switch {
	case t.follows && len(interrupted) > 0:
		text += "; the next run resumes them"
	case !t.follows && t.issued+t.failed < len(t.planned):
		text += "; run the command again to resume"
	}
	if left := t.left(); left != "" {
		text += "; not finished in time: " + left
	}
	return text
}

func (t *tally) counts(interrupted []string) string {
	words := []string{phrase.Count(t.issued, "certificate") + " issued"}
	if len(t.planned) == 0 {
		words = []string{"nothing ordered"}
	} else if !t.follows {
		words = []string{fmt.Sprintf("%d of %s issued", t.issued, phrase.Count(len(t.planned), "certificate"))}
	}
	if t.failed > 0 {
		words = append(words, fmt.Sprintf("%d failed", t.failed))
	}
	if len(interrupted) > 0 {
		words = append(words, fmt.Sprintf("%s interrupted (%s)", phrase.Count(len(interrupted), "order"), phrase.List(interrupted)))
	}
	return strings.Join(words, ", ")
}

// left is what should have ended and has not.
func (t *tally) left() string {
	var left []string
	refs := names(t.underWay)
	for i, ref := range refs {
		if i == 5 {
			left = append(left, fmt.Sprintf("%d more", len(refs)-i))
			break
		}
		left = append(left, "the order for Secret "+ref)
	}
	if t.lease != "" {
		left = append(left, "the Lease "+t.lease)
	}
	return strings.Join(left, ", ")
}

// names returns the Secrets of some sets, sorted.
func names(sets ...map[issuance.Ref]bool) []string {
	all := map[string]bool{}
	for _, set := range sets {
		for ref := range set {
			all[ref.String()] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
