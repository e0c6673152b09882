package issuance

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
)

// TestRelease: cert-manager's request is deleted before the Secret is written, with the key
// that the Secret gets. The certificate is stored also if that fails.
func TestRelease(t *testing.T) {
	for name, tt := range map[string]struct {
		policy  cm.PrivateKeyRotationPolicy
		deleted string
		err     error
		notes   []string
		sameKey bool
	}{
		"no request": {},
		"deleted":    {deleted: "web-1", notes: []string{"deleted CertificateRequest web-1 of the replaced certificate, so that cert-manager does not issue again"}},
		"refused": {err: errors.New("forbidden"), notes: []string{
			"cert-manager may issue again when it runs, because its CertificateRequest was not deleted: forbidden",
		}},
		"the key stays": {policy: cm.RotationPolicyNever, sameKey: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := need("web", "web.example.com")
				n.Certificate.PrivateKey.RotationPolicy = tt.policy
				d := demand(n)
				ca, store := newSigner(t, 90*day), newMemory()
				certified(t, ca, store, d)
				old := store.secrets[d.Ref]
				time.Sleep(65 * day)

				r := runner(ca, store)
				var notes []string
				r.Report = func(e Event) {
					if e.Kind == Noted {
						notes = append(notes, e.Note)
					}
				}
				var released []byte
				r.Release = func(_ context.Context, of *Demand, key []byte) (string, error) {
					if of.Ref != d.Ref || !bytes.Equal(store.secrets[d.Ref].Cert, old.Cert) {
						t.Errorf("called for %s, after the Secret was written", of.Ref)
					}
					released = key
					return tt.deleted, tt.err
				}
				summary, err := r.Once(t.Context(), store.entries(d))
				if err != nil || summary.Issued != 1 {
					t.Fatalf("%+v, %v", summary, err)
				}
				now := store.secrets[d.Ref]
				if !bytes.Equal(released, now.Key) || bytes.Equal(now.Cert, old.Cert) {
					t.Error("another key is stored than the one that was released, or none")
				}
				if bytes.Equal(now.Key, old.Key) != tt.sameKey {
					t.Errorf("the key stays: %v", !tt.sameKey)
				}
				if diff := cmp.Diff(tt.notes, notes); diff != "" {
					t.Errorf("notes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestOrderURLOutlivesReading: an order that cert-manager placed elsewhere is a reason to issue
// also after the worker has read the Secret again.
func TestOrderURLOutlivesReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := demand(need("web", "web.example.com"))
		ca, store := newSigner(t, 90*day), newMemory()
		certified(t, ca, store, d)
		s := store.secrets[d.Ref]
		delete(s.Annotations, "kubectl-certs.dev/issued") // as cert-manager writes it
		store.secrets[d.Ref] = s
		entries := store.entries(d)
		entries[0].Secret.OrderURL = "https://staging.example/order/1"
		for _, want := range []Summary{{Issued: 1}, {UpToDate: 1}} {
			summary, err := runner(ca, store).Once(t.Context(), entries)
			if err != nil || summary != want {
				t.Errorf("%+v, %v, want %+v", summary, err, want)
			}
			entries = store.entries(d)
		}
	})
}
