package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestJournalRoundTrip: a journal is read as it was written, for Secret names of every length.
func TestJournalRoundTrip(t *testing.T) {
	failed := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	for name, j := range map[string]issuance.Journal{
		"order under way": {Demand: "digest", Order: "https://ca.example.com/order/1", Key: []byte("key"), Version: "7"},
		"failures":        {Demand: "digest", Failures: 3, Failed: failed, Reason: issuance.ReasonSolver, Detail: "no route", RenewRequest: "2026-11-01T09:00:00.5Z", RetryAt: failed.Add(time.Hour), Version: "8"},
		"empty":           {},
	} {
		for _, secret := range []string{"web-tls", strings.Repeat("x", 253)} {
			ref := issuance.Ref{Namespace: "shop", Name: secret}
			written := writeJournal(ref, j)
			if len(written.Name) > 253 || written.Namespace != ref.Namespace || written.Type != v1alpha1.JournalType {
				t.Errorf("%s: %s/%s of type %s", name, written.Namespace, written.Name, written.Type)
			}
			gotRef, got := JournalOf(written)
			if diff := cmp.Diff(j, got); diff != "" || gotRef != ref {
				t.Errorf("%s: %s (-want +got):\n%s", name, gotRef, diff)
			}
		}
	}
}
