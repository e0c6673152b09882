package responder

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Eyes look at challenges the way a CA does, from where this process is. A
// route that was made a moment ago takes its controller some seconds, and a
// look of the CA that fails counts against its limits. Where names do not lead
// anywhere from here, they soon look no more.
type Eyes struct {
	blind atomic.Int32 // looks in a row that met nobody
}

const (
	// glance is how long one look may take, and settling how long a route that
	// answers wrongly is waited for.
	glance   = 2 * time.Second
	settling = 15 * time.Second
	// tired is after how many looks in vain none is tried any more.
	tired = 3
)

// await returns when a challenge is answered, or when there is no use in
// looking on: the CA may see what is not seen from here.
func (e *Eyes) await(ctx context.Context, c issuance.Challenge) {
	deadline := time.Now().Add(settling)
	for e.blind.Load() < tired && time.Now().Before(deadline) && ctx.Err() == nil {
		look, stop := context.WithTimeout(ctx, glance)
		err := See(look, c)
		stop()
		if err == nil {
			e.blind.Store(0)
			return
		}
		if !errors.Is(err, errAnswer) {
			e.blind.Add(1)
			return
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// errAnswer is an answer that is not the challenge's.
var errAnswer = errors.New("not the challenge")
