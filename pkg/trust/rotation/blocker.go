package rotation

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Blocker is a reason why a step is not done.
type Blocker struct {
	What string // an object or a server
	Why  string
	Do   string // what to do about it; "" if only waiting helps
}

func named(c *x509.Certificate) string {
	return pki.Name(c.Subject) + ", sha256 " + pki.Fingerprint(c)
}

// Names lists the subjects of certificates, with expiry date and fingerprint if
// one of the others has the same subject.
func Names(certs, others []*x509.Certificate) string {
	var names []string
	for _, c := range certs {
		name := pki.Name(c.Subject)
		if slices.ContainsFunc(others, func(o *x509.Certificate) bool { return pki.Name(o.Subject) == name }) {
			name += fmt.Sprintf(" (until %s, %.11s…)", day(c.NotAfter), pki.Fingerprint(c))
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

// byWhat orders blockers.
func byWhat(a, b Blocker) int {
	return cmp.Or(strings.Compare(a.What, b.What), strings.Compare(a.Why, b.Why))
}
