package cabundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Pin is the SHA-256 fingerprint of a certificate that is trusted from any source.
type Pin [sha256.Size]byte

const pinPrefix = "sha256:"

// ParsePin parses sha256: followed by 64 hex digits, with or without colons
// between bytes.
func ParsePin(s string) (Pin, error) {
	digits, prefixed := strings.CutPrefix(s, pinPrefix)
	sum, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	if !prefixed || err != nil || len(sum) != sha256.Size {
		return Pin{}, fmt.Errorf("%q: must be sha256: followed by the 64 hex digits of a certificate's fingerprint", s)
	}
	return Pin(sum), nil
}

// PinOf returns the pin of a certificate.
func PinOf(e Entry) Pin { return sha256.Sum256(e.Cert.Raw) }

// String returns the form that ParsePin parses, without colons.
func (p Pin) String() string { return pinPrefix + hex.EncodeToString(p[:]) }

// Pinned returns the certificates of a server's chain that match a pin.
func Pinned(chain []Entry, pins []Pin) []Entry {
	var kept []Entry
	for _, e := range chain {
		if slices.Contains(pins, PinOf(e)) {
			kept = append(kept, e)
		}
	}
	return kept
}

// PinFor returns the certificate of a server's chain to trust: the last CA, or the
// server's own if the chain has no CA.
func PinFor(chain []Entry) Entry {
	for _, e := range slices.Backward(chain) {
		if KindOf(e.Cert) != Leaf {
			return e
		}
	}
	return chain[0]
}

var hostPort = regexp.MustCompile(`^(\[[0-9A-Fa-f:.%]+\]|[^\s/\\:]+):\d{1,5}$`)

// IsServer reports whether a source is the HOST:PORT of a TLS server.
func IsServer(source string) bool { return hostPort.MatchString(source) }
