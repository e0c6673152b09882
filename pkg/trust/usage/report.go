package usage

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Report is what a survey says about the CAs in question.
type Report struct {
	Uses   []Use   // in order of namespace and name
	Doubts []Doubt // likewise
}

// Open reports whether a doubt is about a chain whose CA is not known: more CAs
// may settle it.
func (r Report) Open() bool {
	return slices.ContainsFunc(r.Doubts, func(d Doubt) bool { return d.Of != nil })
}

// Needed reports whether something needs the CAs.
func (r Report) Needed(now time.Time) bool {
	return slices.ContainsFunc(r.Uses, func(u Use) bool { return u.Needs(now) })
}

// Conclusive returns an error if something that could not be seen may need the
// CAs, for all that could be seen. Unseen says what could not be.
func (r Report) Conclusive(now time.Time, unseen []string) error {
	if n := len(r.Doubts); n > 0 {
		return fmt.Errorf("cannot tell whether %s it", secretsNeed(n))
	}
	for _, u := range r.Uses {
		if u.Role == Signer && u.Instead == nil && !u.Expired(now) && len(unseen) > 0 {
			return fmt.Errorf("cannot tell whether anybody signs with %s: %s", u.Ref, unseen[0])
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

// Secrets returns the objects whose users matter: those with certificates that
// somebody serves or signs with.
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

// SetUsers notes who uses the objects of the uses.
func (r Report) SetUsers(users map[Ref][]User) {
	for i := range r.Uses {
		r.Uses[i].Users = users[r.Uses[i].Ref]
	}
}

// Comparison is what locations hold, compared with what they should.
type Comparison struct {
	Certificates []*x509.Certificate // that locations should hold, each once
	Locations    []Compared          // by name, each outcome once
	Notes        []string            // locations that need not hold anything

	seen map[string]bool
}

// Compared is a location and what it should hold.
type Compared struct {
	LocationState
	Want []*x509.Certificate
}

// Same reports whether the location holds exactly what it should.
func (c Compared) Same() bool { return c.LocationState.Same(c.Want) }

// Against returns what the location holds other than it should, nothing if it is
// not known what it holds.
func (c Compared) Against() Difference {
	if c.Absent != "" {
		return Difference{}
	}
	return c.LocationState.Against(c.Want)
}

// Expect adds certificates that locations should hold.
func (c *Comparison) Expect(certs []*x509.Certificate) {
	for _, cert := range certs {
		if c.first("certificate", pki.Fingerprint(cert)) {
			c.Certificates = append(c.Certificates, cert)
		}
	}
}

// Add adds what a location holds, unless the same was said of it before. One
// that need not hold anything becomes a note.
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

// first reports whether something is said for the first time.
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

// Different returns how many locations differ from what they should hold.
func (c Comparison) Different() int {
	n := 0
	for _, l := range c.Locations {
		if !l.Same() {
			n++
		}
	}
	return n
}
