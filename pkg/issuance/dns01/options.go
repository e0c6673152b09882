package dns01

import (
	"context"
	"net/http"
	"time"
)

// Secrets reads the data of one Secret in the issuer's namespace.
type Secrets func(ctx context.Context, name string) (map[string][]byte, error)

// Options are settings that a solver does not have. The zero value queries this machine's
// resolvers and the zones' name servers, and uses only credentials from Secrets.
type Options struct {
	// Resolvers are recursive name servers, host or host:port; nil means those of
	// /etc/resolv.conf.
	Resolvers []string
	// ResolversOnly checks propagation only with Resolvers, for networks that block queries to
	// the zones' own name servers. Those are more accurate: a resolver may cache for hours that
	// a record did not exist.
	ResolversOnly bool
	// Port is the port of the zones' name servers, 53 if 0.
	Port uint16

	// Timeout limits the time of a change at a DNS provider, and again the time of propagation; 0
	// means what is usual for the provider, mostly two minutes.
	Timeout time.Duration
	// Interval is the longest interval between two checks, 2 s if 0.
	Interval time.Duration
	// WaitInstead waits for a fixed time instead of checking propagation, as the solver's
	// waitInsteadOfSelfCheck does; nil checks.
	WaitInstead *time.Duration

	// Namespace is the issuer's namespace, for messages and webhooks.
	Namespace string
	// Ambient allows solvers without a Secret to use the credentials of this machine or pod.
	Ambient bool
	// Token creates a token of a ServiceAccount in the issuer's namespace (TokenRequest); nil
	// if that is not possible.
	Token func(ctx context.Context, serviceAccount string, audiences []string) (string, error)
	// Webhook creates a ChallengePayload at the API of a webhook solver,
	// /apis/<group>/v1alpha1/<solver>, and returns the body of the answer; nil without a
	// cluster.
	Webhook func(ctx context.Context, group, solver string, payload []byte) ([]byte, error)
	// ByName creates a lego DNS provider from its variables, see package process; nil if that
	// is not possible.
	ByName func(ctx context.Context, name string, variables map[string]string) (Provider, error)
	// HTTP is the client for the APIs of DNS providers; nil means one with a timeout of 30 s.
	HTTP *http.Client
}

// interval is the limit of the growing interval between two checks.
func (o Options) interval() time.Duration {
	if o.Interval > 0 {
		return o.Interval
	}
	return 2 * time.Second
}

func (o Options) http() *http.Client {
	if o.HTTP != nil {
		return o.HTTP
	}
	return &http.Client{Timeout: 30 * time.Second}
}
