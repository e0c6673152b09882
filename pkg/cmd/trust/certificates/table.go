package certificates

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// shortSum is how much of a fingerprint tells certificates apart at a glance.
const shortSum = len("9f:1c:33:04:aa:5b:21:77")

// PrintTable writes a table with a row for each certificate, and nothing if there
// are none.
func PrintTable(streams iostreams.IO, entries []cabundle.Entry, now time.Time, wide bool) error {
	if len(entries) == 0 {
		return nil
	}
	header := []string{"SUBJECT", "KIND", "KEY", "EXPIRES", "SHA256", "USED-FOR"}
	if wide {
		header = append(header, "NOT-BEFORE", "SIGNATURE", "ISSUER", "SOURCE")
	}
	table := streams.NewTable(wide)
	table.Row(header...)
	for _, e := range entries {
		table.Row(row(e, now, wide)...)
	}
	return table.Flush()
}

func row(e cabundle.Entry, now time.Time, wide bool) []string {
	c, sum := e.Cert, pki.Fingerprint(e.Cert)
	name, kind, usedFor := pki.Name(c.Subject), string(cabundle.KindOf(c)), strings.Join(cabundle.UsedFor(c), ",")
	if !wide {
		return []string{ShortName(name), kind, pki.Key(c), Expiry(c.NotAfter, now), sum[:shortSum] + "…", usedFor}
	}
	return []string{
		name, kind, pki.Key(c), Day(c.NotAfter), sum, usedFor,
		Day(c.NotBefore), c.SignatureAlgorithm.String(), pki.Name(c.Issuer), e.Position.String(),
	}
}

// shortName is how much of a subject a table can take.
const shortName = 50

// ShortName cuts a subject that is too long for a table.
func ShortName(name string) string {
	return iostreams.Cut(name, shortName)
}

// Day formats the date of a time in UTC.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Expiry formats how long a certificate has left, as kubectl formats ages.
func Expiry(end, now time.Time) string {
	if end.Before(now) {
		return "expired " + duration.HumanDuration(now.Sub(end))
	}
	return duration.HumanDuration(end.Sub(now))
}
