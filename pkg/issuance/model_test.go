package issuance

import (
	"cmp"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// The model check runs the code of renew, two runs and status against one Secret, its journal and
// a CA. Each of their operations waits until a scheduler grants it, so that an execution is a list
// of choices and can be repeated. search tries all choices.

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

// cluster is the Store of one actor.
type cluster struct {
	*world
	actor string
}

func (c cluster) Secret(context.Context, Ref) (s Secret, found bool, err error) {
	err = c.step(c.actor, "read Secret", func() string {
		if c.secret != nil {
			s, found = *c.secret, true
		}
		return s.Version
	})
	return s, found, err
}

func (c cluster) Journal(context.Context, Ref) (j Journal, err error) {
	err = c.step(c.actor, "read journal", func() string {
		if c.journal != nil {
			j = *c.journal
		}
		return j.Version
	})
	return j, err
}

func (c cluster) Save(_ context.Context, _ *Demand, p Pair, version string) (saved string, err error) {
	ended := c.step(c.actor, "write Secret", func() string {
		s := Secret{}
		if c.secret != nil {
			s = *c.secret
		}
		if s.Version != version {
			err = ErrConflict
			return "conflict"
		}
		request := s.Annotations[v1alpha1.RenewAnnotation]
		s = annotated(Secret{Type: tlsType, Cert: p.Cert, Key: p.Key, Annotations: p.Annotations, Manager: "kubectl-certs"}, v1alpha1.RenewAnnotation, request)
		if !c.needed {
			c.wrongf("%s stores a certificate that is not needed", c.actor)
		}
		c.stored++
		c.needed = false
		c.setSecret(&s)
		saved = s.Version
		return saved
	})
	return saved, cmp.Or(ended, err)
}

func (c cluster) SaveJournal(_ context.Context, _ *Demand, j Journal) (Journal, error) {
	var err error
	ended := c.step(c.actor, "write journal", func() string {
		is := Journal{}
		if c.journal != nil {
			is = *c.journal
		}
		if is.Version != j.Version {
			err = ErrConflict
			return "conflict"
		}
		c.setJournal(&j)
		return j.Version
	})
	return j, cmp.Or(ended, err)
}

func (c cluster) DeleteJournal(_ context.Context, _ Ref, version string) error {
	return c.step(c.actor, "delete journal", func() string {
		if c.journal == nil || c.journal.Version != version {
			return "conflict"
		}
		c.setJournal(nil)
		return ""
	})
}

func (c cluster) Annotate(_ context.Context, _ Ref, request string) (found bool, err error) {
	err = c.step(c.actor, "annotate Secret", func() string {
		if c.secret == nil {
			return "not found"
		}
		found, c.needed = true, true
		c.setSecret(new(annotated(*c.secret, v1alpha1.RenewAnnotation, request)))
		return c.secret.Version
	})
	return found, err
}

func (c cluster) EndDelay(context.Context, Ref) (found bool, err error) {
	err = c.step(c.actor, "annotate journal", func() string {
		if c.journal == nil {
			return "not found"
		}
		found = true
		j := *c.journal
		j.Failures, j.RetryAt = 0, time.Time{}
		c.setJournal(&j)
		return j.Version
	})
	return found, err
}

// setSecret stores a Secret, nil for none, with a new version.
func (w *world) setSecret(s *Secret) {
	w.writes++
	if w.secret = s; s == nil {
		w.watchedSecrets = append(w.watchedSecrets, Secret{})
		return
	}
	s.Version = fmt.Sprint("s", w.writes)
	w.watchedSecrets = append(w.watchedSecrets, *s)
}

func (w *world) setJournal(j *Journal) {
	w.journals++
	if w.journal = j; j == nil {
		w.watchedJournals = append(w.watchedJournals, Journal{})
		return
	}
	j.Version = fmt.Sprint("j", w.journals)
	w.watchedJournals = append(w.watchedJournals, *j)
}

// authority is the CA of one actor. Orders and answers are those of all.
type authority struct{ cluster }

func (a authority) Thumbprint() string { return "" }

func (a authority) RenewalInfo(context.Context, string) (RenewalInfo, error) {
	return RenewalInfo{}, ErrNoRenewalInfo
}

func (a authority) Issue(ctx context.Context, r Request) (Chain, error) {
	url := r.Order
	if url == "" {
		err := a.step(a.actor, "place order", func() string {
			a.orders = append(a.orders, "placed")
			url = fmt.Sprint(len(a.orders))
			return url
		})
		if err != nil {
			return Chain{}, err
		}
	}
	if err := r.Ordered(ctx, url); err != nil {
		return Chain{}, AsFailure(ReasonStore, err) // as acme.Account does
	}
	var failure error
	err := a.step(a.actor, "finalize order "+url, func() string {
		var number int
		fmt.Sscan(url, &number)
		state := &a.orders[number-1]
		if *state == "placed" {
			*state = "issued"
			if a.failures > 0 {
				a.failures--
				*state = "failed"
			} else {
				a.chains[url] = leafOf(a.ca.sign(r.CSR, r.Names, int64(number)))
			}
		}
		if *state == "failed" {
			failure = &Failure{Reason: ReasonValidation, Detail: "by the CA", Dead: true}
		}
		return *state
	})
	if err := cmp.Or(err, failure); err != nil {
		return Chain{}, err
	}
	return Chain{PEM: a.chains[url], Order: url}, nil
}

// runner returns the run of an actor. It fails only by the CA.
func (w *world) runner(actor string) *Runner {
	r := runner(authority{cluster{w, actor}}, cluster{w, actor})
	r.Report = func(e Event) {
		if f, ok := errors.AsType[*Failure](e.Err); e.Kind == Failed && (!ok || f.Reason != ReasonValidation) && !errors.Is(e.Err, errEnded) {
			w.wrongf("%s fails: %v", actor, e.Err)
		}
		if actor == "run" {
			w.decisions++
		}
	}
	return r
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

// leafOf returns the first certificate of a chain in PEM: checks of the others take time.
func leafOf(chain []byte) []byte {
	leaf, _ := pem.Decode(chain)
	return pem.EncodeToMemory(leaf)
}

// scenario is the start of an execution.
type scenario struct {
	missing  bool // there is no Secret; otherwise its certificate is due
	waits    int  // failures before
	failures int  // of the CA, from now on
	actors   []string
	edit     string // of kubectl
	late     bool   // changes are seen at any time, not at once
}

// start creates the world and starts the actors.
func (s scenario) start(ctx context.Context, t *testing.T, ca *signer) *world {
	w := &world{
		demand: demand(need("web", "web.example.com")), ca: ca, failures: s.failures, needed: true,
		ended: make(chan struct{}), seen: map[string][]string{}, chains: map[string][]byte{}, changes: make(chan Entry), editing: s.edit, late: s.late,
	}
	d := &w.demand
	if !s.missing {
		key, err := newKey(&d.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		csr, err := request(&d.Certificate, key)
		if err != nil {
			t.Fatal(err)
		}
		ca.ahead = -70 * day
		chain := leafOf(ca.sign(csr, d.Names, 0))
		ca.ahead = 0
		leaf, err := pki.Parse(chain)
		if err != nil {
			t.Fatal(err)
		}
		w.setSecret(&Secret{Type: tlsType, Cert: chain, Key: key, Annotations: describe(d, leaf[0], ""), Manager: "kubectl-certs"})
	}
	if s.waits > 0 {
		w.setJournal(&Journal{Demand: d.Digest, Failures: s.waits, Failed: time.Now(), Reason: ReasonValidation, Detail: "by the CA"})
	}
	w.watchedSecrets, w.watchedJournals = nil, nil
	w.known = w.entry()
	for _, actor := range s.actors {
		go w.act(ctx, actor)
	}
	synctest.Wait()
	return w
}

// entry is the state in the cluster.
func (w *world) entry() Entry {
	e := Entry{Ref: w.demand.Ref, Demand: &w.demand}
	if w.secret != nil {
		e.Secret = Examine(*w.secret)
	}
	if w.journal != nil {
		e.Journal = *w.journal
	}
	return e
}

// act is what an actor does.
func (w *world) act(ctx context.Context, actor string) {
	c := cluster{w, actor}
	switch actor {
	case "run":
		_ = w.runner(actor).Loop(ctx, moving{[]Entry{w.known}, w.changes})
	case "second run":
		if e, err := c.read(ctx); err == nil {
			_, _ = w.runner(actor).Once(ctx, []Entry{e})
		}
	case "status":
		if e, err := c.read(ctx); err == nil {
			_, _ = w.runner(actor).Plan(ctx, []Entry{e})
		}
	case "renew":
		if _, err := RequestRenewal(ctx, c, w.demand.Ref, time.Now()); err != nil && !errors.Is(err, errEnded) {
			w.wrongf("renew fails: %v", err)
		}
	case "kubectl":
		_ = w.step(actor, w.editing, func() string { return w.edit() })
	}
}

// read is what a command reads at its start.
func (c cluster) read(ctx context.Context) (Entry, error) {
	e := Entry{Ref: c.demand.Ref, Demand: &c.demand}
	secret, found, err := c.Secret(ctx, e.Ref)
	if found {
		e.Secret = Examine(secret)
	}
	if err != nil {
		return e, err
	}
	e.Journal, err = c.Journal(ctx, e.Ref)
	return e, err
}

// edit is a change with kubectl.
func (w *world) edit() string {
	switch {
	case w.editing == "label Secret" && w.secret != nil:
		w.setSecret(new(*w.secret))
	case w.editing == "delete Secret" && w.secret != nil:
		w.setSecret(nil)
		w.needed = true
	case w.editing == "label journal" && w.journal != nil:
		w.setJournal(new(*w.journal))
	case w.editing == "delete journal" && w.journal != nil:
		w.setJournal(nil)
	default:
		return "not found"
	}
	return ""
}

// settle completes an execution, with three minutes for the first delay, and checks the result.
func (w *world) settle() {
	for range 18 {
		for choices := w.choices(); len(choices) > 0; choices = w.choices() {
			w.choose(choices[0])
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
	}
	if w.needed {
		w.wrongf("the certificate is not renewed")
	}
	if w.journal != nil {
		w.wrongf("a journal is left: %+v", *w.journal)
	}
	count := map[string]int{}
	for _, state := range w.orders {
		count[state]++
	}
	if count["issued"] > w.stored { // a deleted Secret is restored by the order that is in the journal
		w.wrongf("%d certificates issued, %d stored", count["issued"], w.stored)
	}
	// An order of each of two runs may be placed at once; one of them is not used.
	if unused := count["placed"]; unused > 1 || unused == 1 && w.seen["second run"] == nil {
		w.wrongf("%d orders are not used", unused)
	}
}

// search executes a scenario with all lists of choices that differ from the first choice at most
// depth times. It returns the number of executions. States that were seen are not left again.
func search(t *testing.T, s scenario, depth int) int {
	ca := newSigner(t, 90*day)
	visited, executions := map[string]int{}, 0
	todo := [][]string{nil}
	for len(todo) > 0 && !t.Failed() {
		prefix := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		executions++
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			w := s.start(ctx, t, ca)
			defer func() { stop(); close(w.ended); synctest.Wait() }()
			left := depth + 1 // and 1 for the state before it
			var path []string
			for choices := w.choices(); len(choices) > 0; choices = w.choices() {
				name := choices[0]
				switch {
				case len(path) < len(prefix):
					if name = prefix[len(path)]; name != choices[0] {
						left--
					}
				case visited[w.state()] >= left:
					return
				default:
					visited[w.state()] = left
					for _, other := range choices[1:] {
						if left > 1 {
							todo = append(todo, append(slices.Clone(path), other))
						}
					}
				}
				w.choose(name)
				path = append(path, name)
			}
			w.settle()
			if len(w.wrong) > 0 {
				t.Errorf("%+v:\n%s\nafter\n%s", s, strings.Join(w.wrong, "\n"), strings.Join(path, "\n"))
			}
		})
	}
	return executions
}

// TestInterleavings: in whatever order renew, two runs, status and kubectl change a Secret and its
// journal, an order fails only by the CA, no certificate is ordered twice, and no request for
// renewal is lost.
func TestInterleavings(t *testing.T) {
	const all = 1000
	for _, tt := range []struct {
		scenario scenario
		depth    int
	}{
		{scenario{waits: 4, failures: 1, late: true, actors: []string{"renew", "run"}}, all},
		{scenario{waits: 4, missing: true, failures: 1, late: true, actors: []string{"renew", "run"}}, all},
		{scenario{late: true, actors: []string{"renew", "run"}}, 3},
		{scenario{failures: 1, actors: []string{"renew", "run", "status"}}, all},
		{scenario{actors: []string{"run", "second run"}}, all},
		{scenario{missing: true, actors: []string{"run", "second run"}}, all},
		{scenario{waits: 4, missing: true, actors: []string{"renew", "run", "second run"}}, all},
		{scenario{actors: []string{"renew", "run", "second run"}}, 3},
		{scenario{actors: []string{"renew", "run", "kubectl"}, edit: "label Secret"}, 6},
		{scenario{actors: []string{"renew", "run", "kubectl"}, edit: "delete Secret"}, 6},
		{scenario{actors: []string{"renew", "run", "kubectl"}, edit: "label journal"}, 6},
		{scenario{actors: []string{"renew", "run", "kubectl"}, edit: "delete journal"}, 6},
		{scenario{failures: 1, actors: []string{"renew", "run", "second run", "status", "kubectl"}, edit: "label Secret"}, 2},
	} {
		t.Logf("%+v: %d executions", tt, search(t, tt.scenario, tt.depth))
	}
}
