package issuance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// meddled is a cluster that changes at the first save of a certificate.
type meddled struct {
	*memory
	meddle func(m *memory) error // once, instead of the save; nil saves
}

func (m *meddled) Save(ctx context.Context, d *Demand, p Pair, version string) (string, error) {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		if err := meddle(m.memory); err != nil {
			return "", err
		}
	}
	return m.memory.Save(ctx, d, p, version)
}

// TestSaveOverAnother: a certificate is stored although the Secret was changed meanwhile, unless
// it need not or must not be ordered any more.
func TestSaveOverAnother(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	another := issued(t, demand(need("web", "other.example.com")))
	var renewed Secret
	change := func(how func(s *Secret)) func(m *memory) error {
		return func(m *memory) error {
			s := m.secrets[d.Ref]
			s.Version = "touched"
			how(&s)
			m.secrets[d.Ref] = s
			return nil
		}
	}
	for name, tt := range map[string]struct {
		missing bool // nothing is there at first
		meddle  func(m *memory) error
		saved   bool
	}{
		"untouched":                  {saved: true},
		"a label more":               {meddle: change(func(*Secret) {}), saved: true},
		"with other names":           {meddle: change(func(s *Secret) { s.Cert, s.Key = another.Cert, another.Key }), saved: true},
		"already renewed":            {meddle: change(func(s *Secret) { s.Cert, s.Key = renewed.Cert, renewed.Key })},
		"taken by another run":       {meddle: change(func(s *Secret) { s.Annotations = nil })},
		"gone":                       {meddle: func(m *memory) error { delete(m.secrets, d.Ref); return nil }, saved: true},
		"not written, and untouched": {meddle: func(*memory) error { return errors.New("busy") }},
		"missing, and not written":   {missing: true, meddle: func(*memory) error { return errors.New("busy") }},
		"made meanwhile":             {missing: true, meddle: change(func(s *Secret) { s.Cert, s.Key = another.Cert, another.Key })},
		"made meanwhile, and empty":  {missing: true, meddle: change(func(s *Secret) { s.Type = tlsType }), saved: true},
		"missing":                    {missing: true, saved: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store := newSigner(t, 90*day), newMemory()
				if !tt.missing {
					certified(t, ca, store, d)
					time.Sleep(65 * day)
				}
				renewed = issued(t, d)
				before := store.saves
				r := runner(ca, &meddled{store, tt.meddle})
				summary, err := r.Once(t.Context(), store.entries(d))
				if err != nil {
					t.Fatal(err)
				}
				if saved := store.saves > before; saved != tt.saved || (summary.Issued == 1) != tt.saved {
					t.Errorf("saved: %v, %+v", saved, summary)
				}
			})
		})
	}
}

// TestSecretChangedSincePlanning: the Secret at the start of an order counts, not at the time of
// planning.
func TestSecretChangedSincePlanning(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	there := issued(t, d)
	foreign := there
	foreign.Annotations, foreign.Manager = nil, "helm"
	for name, tt := range map[string]struct {
		secret Secret
		want   Summary
		detail string
	}{
		"issued meanwhile":       {there, Summary{UpToDate: 1}, ""},
		"of another tool":        {foreign, Summary{Deferred: 1}, "the Secret was created by helm: delete it, or adopt it with kubectl certs run --adopt"},
		"a damaged one of ours":  {annotated(Secret{Type: tlsType, Cert: there.Cert, Annotations: there.Annotations}, "a", "b"), Summary{Issued: 1}, ""},
		"of a type that is kept": {Secret{Type: "Opaque", Annotations: there.Annotations}, Summary{Deferred: 1}, "the Secret has type Opaque, which cannot be changed to kubernetes.io/tls: delete the Secret"},
	} {
		t.Run(name, func(t *testing.T) {
			ca, store := newSigner(t, 90*day), newMemory()
			entries := store.entries(d)
			store.secrets[d.Ref] = tt.secret
			r, got := runner(ca, store), ""
			r.Report = func(e Event) {
				if e.Kind == Deferred {
					got = e.Decision.Deferred
				}
			}
			summary, err := r.Once(t.Context(), entries)
			if diff := cmp.Diff(tt.want, summary); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff(tt.detail, got); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if want := tt.want.Issued; len(ca.orders) != want {
				t.Errorf("%d orders, want %d", len(ca.orders), want)
			}
		})
	}
}

// TestTemporaryCertificate: a temporary certificate is stored first if one is requested and no usable one
// exists.
func TestTemporaryCertificate(t *testing.T) {
	asks := need("web", "web.example.com")
	asks.Temporary = true
	d := demand(asks)
	damaged := issued(t, d)
	damaged.Key = nil
	for name, tt := range map[string]struct {
		demand Demand
		secret *Secret
		fails  bool // the order
		saves  int
	}{
		"missing":                       {d, nil, false, 2},
		"missing, not requested":        {demand(need("web", "web.example.com")), nil, false, 1},
		"damaged":                       {d, &damaged, false, 2},
		"there":                         {d, new(annotated(issued(t, d), v1alpha1.RenewAnnotation, "2026-11-29T12:00:00Z")), false, 1},
		"missing, and the order failed": {d, nil, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			ca, store := newSigner(t, 90*day), newMemory()
			if tt.secret != nil {
				store.secrets[d.Ref] = *tt.secret
			}
			if tt.fails {
				ca.fail = func(Request) error { return Failuref(ReasonValidation, "no") }
			}
			if _, err := runner(ca, store).Once(t.Context(), store.entries(tt.demand)); err != nil {
				t.Fatal(err)
			}
			if h := Examine(store.secrets[d.Ref]); store.saves != tt.saves || h.Temporary != tt.fails || h.Foreign != "" {
				t.Errorf("%d saves, want %d; %+v", store.saves, tt.saves, h)
			}
		})
	}
}

// TestCSR: what is sent to the CA besides names.
func TestCSR(t *testing.T) {
	type request struct {
		NotAfter, Replaces, Key bool
		Profile, Chain          string
	}
	for name, tt := range map[string]struct {
		change func(*plan.Need, *Issuer)
		renew  bool
		info   bool
		want   request
	}{
		"names":      {func(*plan.Need, *Issuer) {}, false, false, request{}},
		"a profile":  {func(_ *plan.Need, i *Issuer) { i.Spec.ACME.Profile = "short" }, false, false, request{Profile: "short"}},
		"a chain":    {func(_ *plan.Need, i *Issuer) { i.Spec.ACME.PreferredChain = "X1" }, false, false, request{Chain: "X1"}},
		"a duration": {func(n *plan.Need, _ *Issuer) { n.Certificate.Duration = &metav1.Duration{Duration: time.Hour} }, false, false, request{}},
		"an end":     {func(_ *plan.Need, i *Issuer) { i.Spec.ACME.EnableDurationFeature = true }, false, false, request{}},
		"an end by duration": {func(n *plan.Need, i *Issuer) {
			n.Certificate.Duration, i.Spec.ACME.EnableDurationFeature = &metav1.Duration{Duration: time.Hour}, true
		}, false, false, request{NotAfter: true}},
		"a renewal":        {func(*plan.Need, *Issuer) {}, true, false, request{}},
		"a renewal by ARI": {func(*plan.Need, *Issuer) {}, true, true, request{Replaces: true}},
		"a renewal by key": {func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey.RotationPolicy = cm.RotationPolicyNever }, true, false, request{Key: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, i := need("web", "web.example.com"), issuer()
				tt.change(&n, &i)
				d := Demands([]plan.Need{n}, []Issuer{i})[0]
				ca, store := newSigner(t, 90*day), newMemory()
				var id, key string
				if tt.renew {
					certified(t, ca, store, d)
					id, key = store.entries(d)[0].Secret.RenewalID, string(store.secrets[d.Ref].Key)
					time.Sleep(65 * day)
				}
				if tt.info {
					ca.info = func(string) (RenewalInfo, error) {
						return RenewalInfo{Start: time.Now().Add(-2), End: time.Now().Add(-1)}, nil
					}
				}
				if s, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil || s.Issued != 1 {
					t.Fatalf("%+v, %v", s, err)
				}
				r := ca.orders[0]
				if !r.NotAfter.IsZero() && r.NotAfter != time.Now().Add(time.Hour) {
					t.Errorf("until %s", r.NotAfter)
				}
				got := request{!r.NotAfter.IsZero(), id != "" && r.Replaces == id, string(store.secrets[d.Ref].Key) == key, r.Profile, r.PreferredChain}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if id == "" && r.Replaces != "" {
					t.Errorf("replaces %s", r.Replaces)
				}
			})
		})
	}
}

// TestResumes: an order is resumed only if it, its key and its demand are known; a dead order
// is replaced at once.
func TestResumes(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	key, err := newKey(&d.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	ed := need("web", "web.example.com")
	ed.Certificate.PrivateKey = &cm.CertificatePrivateKey{Algorithm: cm.Ed25519KeyAlgorithm, Encoding: cm.PKCS8}
	edKey, err := newKey(&ed.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	ed.Certificate.PrivateKey.Encoding = "PEM" // which there is none of
	unmakeable := demand(ed)
	dead := func(r Request) error {
		if r.Order == "old" {
			return &Failure{Reason: ReasonRejected, Detail: "expired", Dead: true}
		}
		return nil
	}
	for name, tt := range map[string]struct {
		demand  Demand
		journal Journal
		fail    func(Request) error
		orders  []string
		issued  bool
		key     bool   // of the journal
		failure string // prefix
	}{
		"an order":                    {d, Journal{Demand: d.Digest, Order: "old", Key: key}, nil, []string{"old"}, true, true, ""},
		"of another demand":           {d, Journal{Demand: "other", Order: "old", Key: key}, nil, []string{""}, true, false, ""},
		"without a key":               {d, Journal{Demand: d.Digest, Order: "old"}, nil, []string{""}, true, false, ""},
		"without an order":            {d, Journal{Demand: d.Digest, Key: key}, nil, []string{""}, true, false, ""},
		"that is dead":                {d, Journal{Demand: d.Digest, Order: "old", Key: key}, dead, []string{"old", ""}, true, false, ""},
		"that is dead, and no key":    {unmakeable, Journal{Demand: unmakeable.Digest, Order: "old", Key: edKey}, dead, []string{"old"}, false, false, "unavailable: error encoding private key: unknown key encoding: PEM"},
		"that fails":                  {d, Journal{Demand: d.Digest, Order: "old", Key: key}, func(Request) error { return Failuref(ReasonValidation, "no") }, []string{"old"}, false, false, "validation: no"},
		"that fails as it is resumed": {d, Journal{Demand: d.Digest, Order: "old", Key: key}, func(Request) error { return plain("EOF") }, []string{"old"}, false, false, "unavailable: EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			ca, store := newSigner(t, 90*day), newMemory()
			ca.fail = tt.fail
			tt.journal.Version = "1"
			store.journals[d.Ref] = tt.journal
			r, failure := runner(ca, store), ""
			r.Report = func(e Event) {
				if e.Kind == Failed {
					failure = e.Err.Error()
				}
			}
			summary, err := r.Once(t.Context(), store.entries(tt.demand))
			if err != nil || (summary.Issued == 1) != tt.issued {
				t.Fatalf("%+v, %v", summary, err)
			}
			var orders []string
			for _, o := range ca.orders {
				orders = append(orders, o.Order)
			}
			if diff := cmp.Diff(tt.orders, orders); diff != "" {
				t.Errorf("orders (-want +got):\n%s", diff)
			}
			if got := string(store.secrets[d.Ref].Key) == string(key); got != tt.key {
				t.Errorf("with the key of the journal: %v, want %v", got, tt.key)
			}
			if !strings.HasPrefix(failure, tt.failure) || (failure == "") != (tt.failure == "") {
				t.Errorf("failed with %q, want %q", failure, tt.failure)
			}
		})
	}
}

// TestJournalLeftBehind: a renewal does not resume the order of the stored certificate, whose
// journal could not be deleted. A lost key is restored from that journal.
func TestJournalLeftBehind(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	for name, tt := range map[string]struct {
		change func(Secret) Secret
		orders []string
	}{
		"renewal requested": {func(s Secret) Secret { return annotated(s, v1alpha1.RenewAnnotation, "2026-11-29T12:00:00Z") }, []string{"", server + "/order/1", ""}},
		"key lost":          {func(s Secret) Secret { s.Key = nil; return s }, []string{"", server + "/order/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			ca, store := newSigner(t, 90*day), newMemory()
			store.deleteErr = func(int) error { return errors.New("unavailable") }
			if _, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil {
				t.Fatal(err)
			}
			first := store.secrets[d.Ref]
			store.deleteErr, store.secrets[d.Ref] = nil, tt.change(first)
			if s, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil || s.Issued != 1 {
				t.Fatalf("%+v, %v", s, err)
			}
			var orders []string
			for _, o := range ca.orders {
				orders = append(orders, o.Order)
			}
			if diff := cmp.Diff(tt.orders, orders); diff != "" {
				t.Errorf("orders (-want +got):\n%s", diff)
			}
			got, same := store.secrets[d.Ref], len(tt.orders) == 2
			if (string(got.Cert) == string(first.Cert)) != same || (string(got.Key) == string(first.Key)) != same {
				t.Errorf("the certificate and the key are the first ones: want %v", same)
			}
			if len(store.journals) > 0 {
				t.Errorf("%d journals left", len(store.journals))
			}
		})
	}
}

// TestJournalAfterFailure: the journal of a failed order has its cause, URL and key, unless the
// order is dead.
func TestJournalAfterFailure(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	type kept struct {
		Failures   int
		Reason     FailureReason
		Order, Key bool
	}
	for name, tt := range map[string]struct {
		fail  error                   // of the CA, after the order was made
		chain func(pem []byte) []byte // what it issues instead
		ca    func() error            // of the account
		ahead time.Duration           // of its clock
		want  *kept
	}{
		"an order that can be resumed": {fail: Failuref(ReasonValidation, "no"), want: &kept{1, ReasonValidation, true, true}},
		"an order that cannot":         {fail: &Failure{Reason: ReasonRejected, Dead: true}, want: &kept{1, ReasonRejected, false, false}},
		"a CA that does not answer":    {fail: plain("EOF"), want: &kept{1, ReasonUnavailable, true, true}},
		"no solver":                    {fail: Failuref(ReasonSolver, "none"), want: &kept{1, ReasonSolver, true, true}},
		"no account":                   {ca: func() error { return plain("no key") }, want: &kept{1, ReasonAccount, false, false}},
		"the Secret cannot be written": {fail: Failuref(ReasonStore, "forbidden"), want: &kept{1, ReasonStore, true, true}},
		"no certificate":               {chain: func([]byte) []byte { return []byte("x") }, want: &kept{1, ReasonChain, false, false}},
		"another's certificate":        {chain: func([]byte) []byte { return issued(t, demand(need("web", "web.example.com"))).Cert }, want: &kept{1, ReasonChain, false, false}},
		"one that has expired":         {ahead: -100 * day, want: &kept{1, ReasonChain, false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			ca, store := newSigner(t, 90*day), newMemory()
			ca.ahead, ca.failOrdered, ca.chain = tt.ahead, tt.fail, tt.chain
			r := runner(ca, store)
			if tt.ca != nil {
				r.CA = func(context.Context, Issuer) (CA, error) { return nil, tt.ca() }
			}
			if s, err := r.Once(t.Context(), store.entries(d)); err != nil || s.Failed != 1 {
				t.Fatalf("%+v, %v", s, err)
			}
			var got *kept
			if j, found := store.journals[d.Ref]; found && j.Failures > 0 {
				got = &kept{j.Failures, j.Reason, j.Order != "", len(j.Key) > 0}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if store.saves > 0 {
				t.Error("saved")
			}
		})
	}
}

// TestJournalIsForgotten: after issuance the journal is deleted, once, and again if that
// failed.
func TestJournalIsForgotten(t *testing.T) {
	for name, tt := range map[string]struct {
		fails   int // of the first removals
		forgets int
	}{
		"at once":     {0, 1},
		"at the next": {1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store, d := newSigner(t, 90*day), newMemory(), demand(need("web", "web.example.com"))
				tries := 0
				ca.fail = func(Request) error {
					if tries++; tries < 3 {
						return Failuref(ReasonValidation, "no")
					}
					return nil
				}
				store.deleteErr = func(call int) error {
					if call <= tt.fails {
						return errors.New("conflict")
					}
					return nil
				}
				var failures []int
				r := runner(ca, store)
				r.Report = func(e Event) {
					if e.Kind == Failed {
						failures = append(failures, store.journals[d.Ref].Failures)
					}
				}
				ctx, stop := context.WithTimeout(t.Context(), day)
				defer stop()
				if err := r.Loop(ctx, still(store.entries(d))); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]int{1, 2}, failures); diff != "" {
					t.Errorf("failures kept (-want +got):\n%s", diff)
				}
				if store.deletions != tt.forgets || len(store.journals) > 0 || store.saves != 1 {
					t.Errorf("forgot %d times, %d journals left, %d saves", store.deletions, len(store.journals), store.saves)
				}
			})
		})
	}
}

// TestInterruptedByItsParts: a part of an order that ends just before the context is an
// interruption, not a failure.
func TestInterruptedByItsParts(t *testing.T) {
	for name, tt := range map[string]struct {
		later time.Duration
		want  Summary
	}{
		"a moment before": {50 * time.Millisecond, Summary{Interrupted: 1}},
		"long before":     {time.Minute, Summary{Failed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store := newSigner(t, 90*day), newMemory()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ca.fail = func(Request) error {
					time.AfterFunc(tt.later, stop)
					return fmt.Errorf("solve: %w", context.Canceled)
				}
				summary, _ := runner(ca, store).Once(ctx, store.entries(demand(need("web", "web.example.com"))))
				if diff := cmp.Diff(tt.want, summary); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
