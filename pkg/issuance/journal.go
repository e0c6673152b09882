package issuance

import "time"

// Journal is what is stored about an order, and about failed ones, until the certificate is
// issued. It survives the process.
type Journal struct {
	// Demand is the digest of its demand.
	Demand string
	// Key is the private key in PEM and Order the URL of the order for it; both may be empty.
	Key   []byte
	Order string
	// Failures is the number of consecutive failures that delay the next try, Failed the time of
	// the last failure, and Reason and Detail are its cause. A request for renewal ends the delay;
	// the cause remains until the certificate is issued.
	Failures int
	Failed   time.Time
	Reason   FailureReason
	Detail   string
	// RetryAt is the earliest time of the next request that the CA allows, zero if it sets
	// none. Next limits it: an older version or a wrong clock may have written it.
	RetryAt time.Time
	// RenewRequest is the renewal request of the Secret (RenewAnnotation) at the last failure. A
	// later request ends the delay.
	RenewRequest string
	// Version is the resourceVersion that was read, "" for a new journal.
	Version string
}

// backoffs are the delays after consecutive failures (Let's Encrypt's advice); the last applies
// to all further ones.
var backoffs = []time.Duration{time.Minute, 10 * time.Minute, 100 * time.Minute, 24 * time.Hour}

// freeWait is the maximum back-off after a failure that no CA counts.
const freeWait = 10 * time.Minute

// longestWait is the maximum delay between two tries, also if the CA requests more.
const longestWait = 24 * time.Hour

// clockSkew is how far another clock may be ahead of ours: that of an earlier run, or of a CA.
const clockSkew = 5 * time.Minute

// Wait is the time of the next try.
type Wait struct {
	// Until is the time of the next try, zero for now.
	Until time.Time
	// Why is what determines Until, "" for the back-off.
	Why string
}

// Next returns when a demand is tried again: after the back-off, or later if the CA requests
// it. The delay starts at the failure. It is at most a day, or 10 minutes if no CA counts the
// failure, and at most a third of the certificate's remaining time at the failure, but at least a
// minute. There is no delay for a changed demand, or if the failure is dated in the future because
// of a wrong clock.
func (j Journal) Next(demand string, h SecretState, now time.Time) Wait {
	if j.Failures <= 0 || j.Demand != demand || j.Failed.After(now.Add(clockSkew)) {
		return Wait{}
	}
	wait, why := backoffs[min(j.Failures, len(backoffs))-1], ""
	if j.Reason.isFree() {
		wait = min(wait, freeWait)
	}
	if requested := j.RetryAt.Sub(j.Failed); requested > wait {
		wait, why = requested, "requested by the CA"
	}
	if wait > longestWait {
		wait, why = longestWait, "limited to one day; the CA requested "+j.RetryAt.UTC().Format(time.RFC3339)
	}
	if left := h.left(j.Failed); left > 0 && wait > left/3 {
		wait, why = max(left/3, backoffs[0]), "a third of the certificate's remaining time"
	}
	return Wait{j.Failed.Add(wait), why}
}

// of returns the journal for a demand. Only the version remains of one for another demand.
func (j Journal) of(demand string) Journal {
	if j.Demand != demand {
		return Journal{Version: j.Version}
	}
	return j
}

// refresh returns the stored journal of the same demand, with the failures of j if they are later:
// some failures are not stored.
func (j Journal) refresh(stored Journal) Journal {
	if j.Failed.After(stored.Failed) {
		stored.Demand, stored.Failures, stored.Failed = j.Demand, j.Failures, j.Failed
		stored.Reason, stored.Detail, stored.RetryAt, stored.RenewRequest = j.Reason, j.Detail, j.RetryAt, j.RenewRequest
	}
	return stored
}

// left returns how long the certificate is usable after a time, zero if it is not.
func (h SecretState) left(from time.Time) time.Duration {
	if !h.Exists || h.Temporary || h.Damage != "" {
		return 0
	}
	return max(h.NotAfter.Sub(from), 0)
}

// requestsAgain reports whether a renewal was requested since the last failure in a journal. The
// requests are compared, not times: clocks differ.
func (h SecretState) requestsAgain(j Journal) bool {
	return !h.RequestedAt.IsZero() && h.RenewRequest != j.RenewRequest
}

// notLater limits a time that comes from outside.
func notLater(at, last time.Time) time.Time {
	if at.After(last) {
		return last
	}
	return at
}

// resumes reports whether the journal has an order that can be resumed.
func (j Journal) resumes(d *Demand) bool {
	return j.Demand == d.Digest && j.Order != "" && len(j.Key) > 0
}

// String returns the time, with what determines it in parentheses.
func (w Wait) String() string {
	at := w.Until.UTC().Format(time.RFC3339)
	if w.Why == "" {
		return at
	}
	return at + " (" + w.Why + ")"
}
