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

// Normalise returns each certificate once, ordered by subject, expiry and
// fingerprint. The order is total.
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

// Encode encodes certificates in PEM for a target. For AKS there is one blank line
// between certificates and nothing else. Otherwise each has a comment with its
// title.
func Encode(entries []Entry, target Target) []byte {
	var b bytes.Buffer
	for i, e := range entries {
		switch {
		case target != AKS:
			b.WriteString(comment(e))
		case i > 0:
			b.WriteByte('\n')
		}
		// pem.Encode fails only for invalid headers.
		_ = pem.Encode(&b, &pem.Block{Type: certificateLabel, Bytes: e.Cert.Raw})
	}
	return b.Bytes()
}

// comment returns the line before a certificate. It never contains a PEM marker.
func comment(e Entry) string { return "# " + e.Title() + "\n" }

// Title identifies the certificate in one line.
func (e Entry) Title() string {
	title := fmt.Sprintf("%s, until %s, sha256 %s", pki.Name(e.Cert.Subject), date(e.Cert.NotAfter), pki.Fingerprint(e.Cert))
	return strings.ReplaceAll(title, dashes, `\x2d\x2d\x2d\x2d\x2d`)
}

// lineLength is the line length of encoding/pem.
const lineLength = 64

// pemSize returns the size of Encode's PEM for a generic target, and its number of
// newlines, which take two bytes in JSON.
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
