package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// patience is how long a person waits without being told what for.
const patience = time.Second

// progress tells on a terminal what is taking long, with the seconds so far,
// and takes that back when the returned function is called.
func (e Env) progress(what string) (done func()) {
	if !e.Progress {
		return func() {}
	}
	stop := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() {
		start := time.Now()
		ticks := time.NewTicker(patience)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				fmt.Fprintf(e.Err, clearLine+"%s … %d s", printable.Line(what), int(time.Since(start).Seconds()))
			case <-stop:
				if time.Since(start) >= patience {
					fmt.Fprint(e.Err, clearLine)
				}
				return
			}
		}
	})
	return func() { close(stop); shown.Wait() }
}
