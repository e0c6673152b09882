package apply

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// tally counts what has been done, for the case that a signal stops the command.
type tally struct {
	lock                               sync.Mutex
	total, applied, failed, unanswered int
	prunable, pruned                   int
}

func (t *tally) add(outcomes []apply.Outcome) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, o := range outcomes {
		switch {
		case o.Result != "":
			t.applied++
		case o.Err != nil && !o.Unanswered && !errors.Is(o.Err, context.Canceled):
			t.failed++
		}
		if o.Unanswered {
			t.unanswered++
		}
	}
}

func (t *tally) setPruned(done, of int) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.pruned, t.prunable = done, of
}

// String says what is applied, and what to do about the rest.
func (t *tally) String() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	text := fmt.Sprintf("%d of %s applied", t.applied, phrase.Count(t.total, "object"))
	if t.failed > 0 {
		text += fmt.Sprintf(", %d failed", t.failed)
	}
	if t.unanswered > 0 {
		text += fmt.Sprintf(", %d without a response", t.unanswered)
	}
	if t.prunable > 0 {
		text += fmt.Sprintf(", %d of %d pruned", t.pruned, t.prunable)
	}
	return text + "; run the command again for the rest"
}
