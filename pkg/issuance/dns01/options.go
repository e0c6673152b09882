package dns01

import (
	"context"
	"net/http"
	"time"
)

// Secrets reads the data of one Secret in the issuer's namespace.
type Secrets func(ctx context.Context, name string) (map[string][]byte, error)

// Options are what a solver does not say. The zero value asks the resolvers of
// this machine and the zones' own name servers, and uses no identity but those
// in Secrets.
type Options struct {
	// Resolvers are recursive name servers, host or host:port; nil for those of
	// /etc/resolv.conf.
	Resolvers []string
	// ResolversOnly asks nobody else whether a record is seen. For networks that
	// do not let questions out to the zones' own servers, which are better
	// witnesses: a resolver may remember for hours that a record was not there.
	ResolversOnly bool
	// Port is where the zones' own name servers listen, 53 if 0.
	Port uint16

	// Timeout is how long a DNS host may take to take records, and again how
	// long they may take to be seen; 0 for what is usual for the host, mostly
	// two minutes.
	Timeout time.Duration
	// Interval is the longest time between two looks, 2 s if 0.
	Interval time.Duration
	// WaitInstead waits for a time and does not look at all, as the solver's
	// waitInsteadOfSelfCheck says; nil looks.
	WaitInstead *time.Duration

	// Namespace is the issuer's, for messages and for webhooks.
	Namespace string
	// Ambient allows solvers that name no Secret to use the identity of this
	// machine or pod.
	Ambient bool
	// Token makes a token of a ServiceAccount in the issuer's namespace
	// (TokenRequest); nil where that is not possible.
	Token func(ctx context.Context, serviceAccount string, audiences []string) (string, error)
	// Webhook creates a ChallengePayload at the API of a webhook solver,
	// /apis/<group>/v1alpha1/<solver>, and returns the answer's body; nil where
	// there is no cluster.
	Webhook func(ctx context.Context, group, solver string, payload []byte) ([]byte, error)
	// ByName makes a DNS provider of lego from its variables, see the package
	// process below this one; nil if there are none.
	ByName func(ctx context.Context, name string, variables map[string]string) (Provider, error)
	// HTTP is used for the APIs of DNS hosts, nil for one with a timeout of 30 s.
	HTTP *http.Client
}

// interval between looks grows up to this.
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
