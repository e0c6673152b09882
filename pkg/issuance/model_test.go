package issuance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// The model check runs the code of renew, two runs and status against one Secret, its journal and
// a CA. Each of their operations waits until a scheduler grants it, so that an execution is a list
// of choices and can be repeated. search tries all choices.

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
