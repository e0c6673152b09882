package cabundle

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Normalise returns each certificate once, ordered by subject, end of validity
// and fingerprint, which leaves no two orders.
func Normalise(entries []Entry) []Entry {
	type keyed struct {
		Entry
		subject string
		sum     [sha256.Size]byte
	}
	seen := make(map[[sha256.Size]byte]bool, len(entries))
	unique := make([]keyed, 0, len(entries))
	for _, e := range entries {
		sum := sha256.Sum256(e.Cert.Raw)
		if !seen[sum] {
			seen[sum] = true
			unique = append(unique, keyed{e, pki.Name(e.Cert.Subject), sum})
		}
	}
	slices.SortFunc(unique, func(a, b keyed) int {
		return cmp.Or(
			cmp.Compare(a.subject, b.subject),
			a.Cert.NotAfter.Compare(b.Cert.NotAfter),
			bytes.Compare(a.sum[:], b.sum[:]))
	})
	sorted := make([]Entry, len(unique))
	for i, k := range unique {
		sorted[i] = k.Entry
	}
	return sorted
}

// Encode writes certificates in the form a target takes. For AKS that is PEM
// with one blank line between certificates and nothing else; elsewhere a
// comment before each says which it is.
func Encode(entries []Entry, target Target) []byte {
	var b bytes.Buffer
	for i, e := range entries {
		switch {
		case target != AKS:
			b.WriteString(comment(e))
		case i > 0:
			b.WriteByte('\n')
		}
		// Encode fails on headers alone, and there are none.
		_ = pem.Encode(&b, &pem.Block{Type: certificateLabel, Bytes: e.Cert.Raw})
	}
	return b.Bytes()
}

// comment is the line before a certificate. It never looks like a marker, not
// even to readers that find those in the middle of a line.
func comment(e Entry) string { return "# " + e.Title() + "\n" }

// Title says in one line which certificate it is.
func (e Entry) Title() string {
	title := fmt.Sprintf("%s, until %s, sha256 %s", pki.Name(e.Cert.Subject), date(e.Cert.NotAfter), pki.Fingerprint(e.Cert))
	return strings.ReplaceAll(title, dashes, `\x2d\x2d\x2d\x2d\x2d`)
}

// lineLength is how much base64 encoding/pem puts on a line.
const lineLength = 64

// pemSize computes how long Encode's PEM for a generic target is, and how many
// line ends it has, which take two bytes in JSON.
func pemSize(entries []Entry) (size, newlines int) {
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		if seen[string(e.Cert.Raw)] {
			continue
		}
		seen[string(e.Cert.Raw)] = true
		text := base64.StdEncoding.EncodedLen(len(e.Cert.Raw))
		lines := (text + lineLength - 1) / lineLength
		size += len(comment(e)) + len(begin+certificateLabel+dashes+"\n"+end+certificateLabel+dashes+"\n") + text + lines
		newlines += lines + 3
	}
	return size, newlines
}
