package operator

import (
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// Respond answers HTTP-01 challenges at an address for the given accounts until ctx ends. It
// needs neither a cluster nor a key. started is called when the server listens.
func Respond(ctx context.Context, address string, accounts *responder.Table, started func()) error {
	s, ctx := newServers(ctx)
	defer s.close()
	if err := s.listen(ServerHTTP01, address, &responder.Responder{Thumbprints: accounts.Thumbprints}, nil); err != nil {
		return err
	}
	started()
	<-ctx.Done()
	return s.failure()
}
