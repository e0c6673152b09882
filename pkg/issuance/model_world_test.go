package issuance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
)

// operation is a request to the cluster or the CA that waits.
type operation struct {
	actor, name string
	grant       chan struct{}
}

// world is a cluster with one Secret, and a CA.
type world struct {
	demand  Demand
	ended   chan struct{}
	lock    sync.Mutex
	waiting []*operation
	// seen is what each actor has read and written. With the state of the cluster and the CA it
	// determines everything that follows.
	seen map[string][]string

	secret           *Secret
	journal          *Journal
	writes, journals int // of the versions

	ca       *signer
	failures int      // of the CA that are left
	orders   []string // at the CA: "placed", "failed" or "issued"
	chains   map[string][]byte

	// watched are the changes that the first run has not seen yet, of Secret and journal, and
	// known is what it has seen.
	watchedSecrets  []Secret
	watchedJournals []Journal
	known           Entry
	changes         chan Entry

	needed bool // a certificate is missing, due or requested
	stored int
	wrong  []string
	// decisions counts the events of the first run.
	decisions int
	editing   string
	late      bool // see scenario
}

func (w *world) wrongf(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// errEnded ends the operations of an execution that need not be completed.
var errEnded = errors.New("the execution has ended")

// step waits until the operation is granted and executes it.
func (w *world) step(actor, name string, execute func() string) error {
	o := &operation{actor, name, make(chan struct{})}
	w.lock.Lock()
	w.waiting = append(w.waiting, o)
	w.lock.Unlock()
	select {
	case <-o.grant:
	case <-w.ended:
		return errEnded
	}
	result := execute() // one operation is granted at a time
	w.lock.Lock()
	defer w.lock.Unlock()
	w.seen[actor] = append(w.seen[actor], name+" "+result)
	return nil
}

// choices are the operations that can be granted, and the changes that can be delivered.
func (w *world) choices() []string {
	w.lock.Lock() // a delay that ends adds to them
	defer w.lock.Unlock()
	var names []string
	for _, o := range w.waiting {
		names = append(names, o.actor+": "+o.name)
	}
	slices.Sort(names)
	if w.late && len(w.watchedSecrets) > 0 {
		names = append(names, watchSecret)
	}
	if w.late && len(w.watchedJournals) > 0 {
		names = append(names, watchJournal)
	}
	return names
}

const (
	watchSecret  = "run: watch Secret"
	watchJournal = "run: watch journal"
)

// choose grants an operation and waits until all actors wait again.
func (w *world) choose(name string) {
	switch name {
	case watchSecret:
		s := w.watchedSecrets[0]
		w.watchedSecrets, w.known.Secret = w.watchedSecrets[1:], SecretState{}
		if s.Version != "" {
			w.known.Secret = Examine(s)
		}
		w.watched("S" + s.Version)
		w.changes <- w.known
	case watchJournal:
		w.known.Journal, w.watchedJournals = w.watchedJournals[0], w.watchedJournals[1:]
		w.watched("J" + w.known.Journal.Version)
		w.changes <- w.known
	default:
		w.lock.Lock()
		i := slices.IndexFunc(w.waiting, func(o *operation) bool { return o.actor+": "+o.name == name })
		o := w.waiting[i]
		w.waiting = slices.Delete(w.waiting, i, i+1)
		w.lock.Unlock()
		close(o.grant)
	}
	synctest.Wait()
	for !w.late && len(w.watchedSecrets)+len(w.watchedJournals) > 0 {
		w.late = true
		w.choose(w.choices()[len(w.waiting)])
		w.late = false
	}
}

// watched records a delivered change. When it comes during an order does not matter.
func (w *world) watched(change string) {
	w.seen["watch"] = append(w.seen["watch"], fmt.Sprint(change, " after ", w.decisions))
}

// state identifies the state of the world.
func (w *world) state() string {
	var b strings.Builder
	if w.secret != nil {
		b.WriteString(w.secret.Version)
	}
	if w.journal != nil {
		b.WriteString(w.journal.Version)
	}
	fmt.Fprint(&b, w.orders, w.failures, w.needed, len(w.watchedSecrets), len(w.watchedJournals))
	for _, actor := range []string{"renew", "run", "watch", "second run", "status", "kubectl"} {
		b.WriteString("|" + strings.Join(w.seen[actor], ","))
	}
	return b.String()
}
