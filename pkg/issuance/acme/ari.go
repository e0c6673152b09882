package acme

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// The CA sets the time of the next check with Retry-After (RFC 9773 §4.3.1); implausible values
// are clamped.
const (
	renewalCheck    = 6 * time.Hour
	minRenewalCheck = time.Hour
	maxRenewalCheck = longestRetryAfter
	// renewalPatience is short: the next check comes soon enough.
	renewalPatience = 15 * time.Second
)

// RenewalInfo implements issuance.CA. pki.RenewalID returns the identifier.
func (a *Account) RenewalInfo(ctx context.Context, certID string) (issuance.RenewalInfo, error) {
	outer, stop := a.until(ctx)
	defer stop()
	var r reply
	err := a.retry(outer, renewalPatience, func(bool) error {
		var err error
		r, err = a.do(outer, func(core *api.Core) error {
			_, err := core.Certificates.GetRenewalInfo(url.PathEscape(certID))
			return err
		})
		return err
	})
	switch {
	case errors.Is(err, api.ErrNoARI):
		return issuance.RenewalInfo{}, issuance.ErrNoRenewalInfo
	case err != nil && outer.Err() != nil:
		return issuance.RenewalInfo{}, outer.Err()
	case err != nil:
		return issuance.RenewalInfo{}, fmt.Errorf("renewal information for %s: %w", certID, issuance.AsFailure(issuance.ReasonUnavailable, a.failure(asOrder, err)))
	}
	return renewalInfo(certID, r, time.Now())
}

// renewalInfo parses an answer. lego decodes an error document as a window of zero times, which
// would mean immediate renewal.
func renewalInfo(certID string, r reply, now time.Time) (issuance.RenewalInfo, error) {
	answer, err := decode[acme.RenewalInfoResponse](r)
	if err != nil {
		return issuance.RenewalInfo{}, fmt.Errorf("renewal information for %s: %w", certID, err)
	}
	start, end := answer.SuggestedWindow.Start, answer.SuggestedWindow.End
	if start.IsZero() || !end.After(start) {
		return issuance.RenewalInfo{}, fmt.Errorf("renewal information for %s: implausible window from %s to %s",
			certID, start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339))
	}
	return issuance.RenewalInfo{Start: start, End: end, Explanation: link(answer.ExplanationURL), NextCheck: now.Add(nextCheck(r.retryAfter()))}, nil
}

func nextCheck(retryAfter time.Duration) time.Duration {
	if retryAfter == 0 {
		return renewalCheck
	}
	return min(max(retryAfter, minRenewalCheck), maxRenewalCheck)
}

// link returns a web URL, or "" if the text is not one: users see it.
func link(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return clean(text)
}
