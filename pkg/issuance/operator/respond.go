package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// Respond answers HTTP-01 challenges at an address for given accounts until ctx
// ends. It needs neither cluster nor key. started is called once it answers.
func Respond(ctx context.Context, address string, accounts *responder.Table, started func()) error {
	s, ctx := newServers(ctx)
	defer s.close()
	if err := s.listen("--listen", address, &responder.Responder{Thumbprints: accounts.Thumbprints}, nil); err != nil {
		return err
	}
	started()
	<-ctx.Done()
	return s.failure()
}

// thumbprintLength is the length of base64url of 32 bytes.
const thumbprintLength = 43

// ParseThumbprints reads values of --thumbprint: THUMBPRINT for every host that
// no other value names, and THUMBPRINT=HOST,HOST.
func ParseThumbprints(values []string) (*responder.Table, error) {
	var accounts responder.Table
	var errs []error
	for _, value := range values {
		thumbprint, list, limited := strings.Cut(value, "=")
		hosts := strings.Split(list, ",")
		switch {
		case len(thumbprint) != thumbprintLength:
			errs = append(errs, fmt.Errorf("--thumbprint %q: must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)", thumbprint))
		case !limited:
			accounts.AddRest(thumbprint)
		case slices.Contains(hosts, ""):
			errs = append(errs, fmt.Errorf("--thumbprint %s: a host is empty; name the hosts after =, or leave out = for every host", value))
		default:
			accounts.Add(thumbprint, hosts...)
		}
	}
	return &accounts, errors.Join(errs...)
}
