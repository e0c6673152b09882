package usage

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Report is the result of a survey.
type Report struct {
	Uses   []Use   // in order of namespace and name
	Doubts []Doubt // likewise
}

// Open reports whether a doubt is about a chain with an unknown CA, which more
// CAs may resolve.
func (r Report) Open() bool {
	return slices.ContainsFunc(r.Doubts, func(d Doubt) bool { return d.Of != nil })
}

// Needed reports whether something needs the CAs.
func (r Report) Needed(now time.Time) bool {
	return slices.ContainsFunc(r.Uses, func(u Use) bool { return u.Needs(now) })
}

// Counts are numbers of a report.
type Counts struct {
	Secrets int            // that need the CAs
	Signers int            // those of them that hold a CA
	Others  map[string]int // uses that do not need the CAs, by reason
}

// Count counts the uses of a report.
func (r Report) Count(now time.Time) Counts {
	c := Counts{Others: map[string]int{}}
	signers := map[Ref]bool{} // whether a Secret in need holds a CA
	for _, u := range r.Uses {
		if u.Needs(now) {
			signers[u.Ref] = signers[u.Ref] || u.Role == Signer
		} else {
			c.Others[u.Reason(now)]++
		}
	}
	c.Secrets = len(signers)
	for _, signs := range signers {
		if signs {
			c.Signers++
		}
	}
	return c
}

// Conclusive returns an error if the report does not show whether the CAs are
// needed. Unseen lists what could not be read.
func (r Report) Conclusive(now time.Time, unseen []string) error {
	if n := len(r.Doubts); n > 0 {
		return fmt.Errorf("cannot tell whether %s it", secretsNeed(n))
	}
	for _, u := range r.Uses {
		if u.Role == Signer && u.Instead == nil && !u.Expired(now) && len(unseen) > 0 {
			return fmt.Errorf("cannot tell whether an issuer signs with %s: %s", u.Ref, unseen[0])
		}
	}
	return nil
}

func secretsNeed(n int) string {
	if n == 1 {
		return "1 Secret needs"
	}
	return fmt.Sprintf("%d Secrets need", n)
}

// Secrets returns the objects with certificates that serve or sign. Only their
// users matter.
func Secrets(reports ...Report) map[Ref]bool {
	refs := map[Ref]bool{}
	for _, r := range reports {
		for _, u := range r.Uses {
			if u.Role != Trusted {
				refs[u.Ref] = true
			}
		}
	}
	return refs
}

// SetUsers sets the users of each use.
func (r Report) SetUsers(users map[Ref][]User) {
	for i := range r.Uses {
		r.Uses[i].Users = users[r.Uses[i].Ref]
	}
}

// Comparison compares the certificates in locations with the desired ones.
type Comparison struct {
	Certificates []*x509.Certificate // desired, each once
	Locations    []Compared          // by name, each outcome once
	Notes        []string            // locations that need not hold anything

	seen map[string]bool
}

// Compared is a location with its desired certificates.
type Compared struct {
	LocationState
	Want []*x509.Certificate
}

// Same reports whether the location holds exactly the desired certificates.
func (c Compared) Same() bool { return c.LocationState.Same(c.Want) }

// Against returns the difference from the desired certificates. It is empty if
// the location could not be read.
func (c Compared) Against() Difference {
	if c.Absent != "" {
		return Difference{}
	}
	return c.LocationState.Against(c.Want)
}

// Expect adds desired certificates.
func (c *Comparison) Expect(certs []*x509.Certificate) {
	for _, cert := range certs {
		if c.first("certificate", pki.Fingerprint(cert)) {
			c.Certificates = append(c.Certificates, cert)
		}
	}
}

// Add adds the state of a location, unless the same result is there already. A
// location that need not hold anything becomes a note.
func (c *Comparison) Add(state LocationState, want []*x509.Certificate) {
	if state.Idle != "" {
		c.Notes = append(c.Notes, state.Location+": "+state.Idle)
		return
	}
	one := Compared{state, want}
	d := one.Against()
	if c.first(state.Location, one.Same(), state.Absent, state.Damage, state.Differs, fingerprints(d.Missing), fingerprints(d.Extra)) {
		c.Locations = append(c.Locations, one)
	}
}

// first reports whether first has not been called with these values before.
func (c *Comparison) first(what ...any) bool {
	key := fmt.Sprintln(what...)
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	defer func() { c.seen[key] = true }()
	return !c.seen[key]
}

func fingerprints(certs []*x509.Certificate) []string {
	list := make([]string, len(certs))
	for i, c := range certs {
		list[i] = pki.Fingerprint(c)
	}
	return list
}

// Different returns the number of locations that differ from the desired state.
func (c Comparison) Different() int {
	n := 0
	for _, l := range c.Locations {
		if !l.Same() {
			n++
		}
	}
	return n
}
