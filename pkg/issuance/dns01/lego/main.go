package lego

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

// Main serves one provider on the standard input and output, until the input
// ends. It is for a process of its own: it changes the environment and the
// standard streams.
func Main() error { return mainWith(&server{create: newProvider}) }

// mainWith ignores the signals that a terminal or a supervisor sends to all
// processes at once: the other process removes what was made, and then ends this
// one.
func mainWith(s *server) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	in, out, err := takeStreams()
	if err != nil {
		return err
	}
	defer removeFiles()
	s.out = process.NewWriter(out)
	s.cancels = map[uint64]context.CancelFunc{}
	return s.serve(in)
}
