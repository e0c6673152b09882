package issuance

import (
	"context"
	"fmt"
	"time"
)

// Requests stores requests for renewal.
type Requests interface {
	// Secret reads a Secret; false if it does not exist.
	Secret(ctx context.Context, ref Ref) (Secret, bool, error)
	// Annotate sets RenewAnnotation of a Secret; false if the Secret does not exist.
	Annotate(ctx context.Context, ref Ref, request string) (bool, error)
	// EndDelay removes the failures from the journal of a Secret, but not their cause; false if
	// there is no journal.
	EndDelay(ctx context.Context, ref Ref) (bool, error)
}

// RequestRenewal requests the renewal of a certificate, and ends the delay after failed orders. It
// returns false if there is neither a Secret nor a journal.
//
// A request is one write, so that nothing can come between two: the annotation of the Secret also
// ends the delay (Journal.RenewRequest), and the journal is changed only if there is no Secret.
func RequestRenewal(ctx context.Context, s Requests, ref Ref, now time.Time) (bool, error) {
	secret, exists, err := s.Secret(ctx, ref)
	if err != nil {
		return false, err
	}
	if exists && secret.Type != tlsType {
		return false, fmt.Errorf("Secret %s has type %s, not kubernetes.io/tls: it has no certificate to renew", ref, secret.Type)
	}
	if exists && foreign(secret) != "" {
		return false, fmt.Errorf("Secret %s was created by %s; kubectl certs does not renew it", ref, foreign(secret))
	}
	if exists {
		// With the fraction of the second, no two requests are the same.
		requested, err := s.Annotate(ctx, ref, now.UTC().Format(time.RFC3339Nano))
		if requested || err != nil {
			return requested, err
		}
	}
	return s.EndDelay(ctx, ref)
}
