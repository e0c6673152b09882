package run

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
	Reason   Reason
	Detail   string
	// RetryAt is when the CA wants to be asked again, zero if it did not say.
	RetryAt time.Time
	// Version is the resourceVersion it was read with, "" for a new one.
	Version string
}

// backoffs are the waits after failures in a row (Let's Encrypt's advice); the
// last holds for all further ones.
var backoffs = []time.Duration{time.Minute, 10 * time.Minute, 100 * time.Minute, 24 * time.Hour}

// Next is the earliest time for the next try for a demand, zero for at once: a
// changed demand starts anew.
func (j Journal) Next(demand string) time.Time {
	if j.Failures == 0 || j.Demand != demand {
		return time.Time{}
	}
	next := j.Failed.Add(backoffs[min(j.Failures, len(backoffs))-1])
	if j.RetryAt.After(next) {
		return j.RetryAt
	}
	return next
}

// resumes reports whether the journal holds an order that can be gone on with.
func (j Journal) resumes(d *Demand) bool {
	return j.Demand == d.Digest && j.Order != "" && len(j.Key) > 0
}
