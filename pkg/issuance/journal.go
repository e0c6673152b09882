package issuance

import "time"

// Journal is what is kept of an order, and of failed ones, until the
// certificate is there: it outlives this process.
type Journal struct {
	// Demand is the digest of the demand that it is about.
	Demand string
	// Key is the private key in PEM, and Order the URL of the order it is
	// for; both may be empty.
	Key   []byte
	Order string
	// Failures counts the tries that failed, Failed is when the last did, and
	// Reason and Detail say why.
	Failures int
	Failed   time.Time
	Reason   FailureReason
	Detail   string
	// RetryAt is when the CA wants to be asked again, zero if it did not say.
	// Next bounds it: an older version or a wrong clock may have written it.
	RetryAt time.Time
	// Version is the resourceVersion it was read with, "" for a new one.
	Version string
}

// backoffs are the waits after failures in a row (Let's Encrypt's advice); the
// last holds for all further ones.
var backoffs = []time.Duration{time.Minute, 10 * time.Minute, 100 * time.Minute, 24 * time.Hour}

// longestWait is the longest wait between two tries, whatever the CA asks for.
const longestWait = 24 * time.Hour

// clockSkew is how far another clock may be ahead of ours: the one that dated a
// failure, or that of a CA.
const clockSkew = 5 * time.Minute

// Wait is the time of the next try.
type Wait struct {
	// Until is when the next try is due, zero for at once.
	Until time.Time
	// Why says what set Until, "" for the back-off after failures.
	Why string
}

// Next is when a demand is tried again: after the back-off, or later if the CA
// asks for it. The wait starts at the failure. It lasts a day at most, and at
// most a third of the time that the certificate in the Secret had left then,
// but never less than a minute. A changed demand does not wait, and neither
// does one whose failure is dated in the future: the clock was wrong.
func (j Journal) Next(demand string, h SecretState, now time.Time) Wait {
	if j.Failures <= 0 || j.Demand != demand || j.Failed.After(now.Add(clockSkew)) {
		return Wait{}
	}
	wait, why := backoffs[min(j.Failures, len(backoffs))-1], ""
	if asked := j.RetryAt.Sub(j.Failed); asked > wait {
		wait, why = asked, "requested by the CA"
	}
	if wait > longestWait {
		wait, why = longestWait, "a day is the longest wait; the CA requested "+j.RetryAt.UTC().Format(time.RFC3339)
	}
	if left := h.left(j.Failed); left > 0 && wait > left/3 {
		wait, why = max(left/3, backoffs[0]), "a third of the time before the certificate expires"
	}
	return Wait{j.Failed.Add(wait), why}
}

// left is how long the certificate serves from a time on, zero for not at all.
func (h SecretState) left(from time.Time) time.Duration {
	if !h.Exists || h.Temporary || h.Damage != "" {
		return 0
	}
	return max(h.NotAfter.Sub(from), 0)
}

// notLater bounds a time that somebody else set.
func notLater(at, last time.Time) time.Time {
	if at.After(last) {
		return last
	}
	return at
}

// resumes reports whether the journal holds an order that can be gone on with.
func (j Journal) resumes(d *Demand) bool {
	return j.Demand == d.Digest && j.Order != "" && len(j.Key) > 0
}

// String is the time and, in parentheses, what set it.
func (w Wait) String() string {
	at := w.Until.UTC().Format(time.RFC3339)
	if w.Why == "" {
		return at
	}
	return at + " (" + w.Why + ")"
}
