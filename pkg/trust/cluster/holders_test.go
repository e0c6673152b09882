package cluster

import (
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// TestOrderJournal: the Secrets that are passed over are those in which run
// keeps its orders.
func TestOrderJournal(t *testing.T) {
	if orderJournal != v1alpha1.JournalType {
		t.Errorf("%s is passed over, and orders are in %s", orderJournal, v1alpha1.JournalType)
	}
}
