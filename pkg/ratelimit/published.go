package ratelimit

import (
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// Limits are the rate limits of a CA, zero for none: per registered domain, per set of names,
// and for all orders.
type Limits struct {
	Domain, Set, Orders Limit
}

// Limit is a number of orders per period.
type Limit struct {
	Most   int
	Period time.Duration
}

const week = 7 * 24 * time.Hour

// Published returns a CA's published limits by its directory URL, zero if there are none
// (letsencrypt.org/docs/rate-limits, staging-environment).
func Published(directory string) Limits {
	switch directory {
	case v1alpha1.LetsEncrypt:
		return Limits{Domain: Limit{50, week}, Set: Limit{5, week}, Orders: Limit{300, 3 * time.Hour}}
	case v1alpha1.LetsEncryptStaging:
		return Limits{Domain: Limit{30000, week}, Set: Limit{30000, week}, Orders: Limit{1500, 3 * time.Hour}}
	}
	return Limits{}
}
