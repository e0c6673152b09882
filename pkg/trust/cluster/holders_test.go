package cluster

import (
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
)

// TestOrderJournal: the Secrets that are passed over are those in which run
// keeps its orders.
func TestOrderJournal(t *testing.T) {
	if orderJournal != store.JournalType {
		t.Errorf("%s is passed over, and orders are in %s", orderJournal, store.JournalType)
	}
}
