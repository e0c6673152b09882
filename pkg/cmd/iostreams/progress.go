package iostreams

import (
	"fmt"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// progressDelay is how long something takes before progress is shown.
const progressDelay = time.Second

// Progressing shows on a terminal what takes longer than a second, with the
// seconds so far, until the returned function is called. That function returns
// when the line is gone.
func (s IO) Progressing(what string) (done func()) {
	if !s.Progress || s.messages == nil {
		return func() {}
	}
	stop := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() {
		start := time.Now()
		ticks := time.NewTicker(progressDelay)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				s.messages.progress(fmt.Sprintf("%s … %d s", printable.Line(what), int(time.Since(start).Seconds())))
			case <-stop:
				s.messages.progress("")
				return
			}
		}
	})
	return sync.OnceFunc(func() { close(stop); shown.Wait() })
}

// ShowProgress replaces the line of progress on a terminal; "" removes it.
func (s IO) ShowProgress(line string) {
	if s.Progress && s.messages != nil {
		s.messages.progress(printable.Line(line))
	}
}
