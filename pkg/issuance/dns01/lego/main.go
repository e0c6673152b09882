package lego

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

// Main serves one provider on standard input and output until the input ends. Run it in a
// separate process: it changes the environment and the standard streams.
func Main() error { return mainWith(&server{create: newProvider}) }

// mainWith ignores the signals that a terminal or a supervisor sends to all processes at once:
// the parent first removes its records and then ends this process.
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
