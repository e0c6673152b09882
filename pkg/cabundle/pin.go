package cabundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Pin is the SHA-256 of a certificate that is trusted wherever it comes from.
type Pin [sha256.Size]byte

const pinPrefix = "sha256:"

// ParsePin reads sha256: and 64 digits of hex, with or without colons between
// bytes, as Pin.String and others write them.
func ParsePin(s string) (Pin, error) {
	digits, prefixed := strings.CutPrefix(s, pinPrefix)
	sum, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	if !prefixed || err != nil || len(sum) != sha256.Size {
		return Pin{}, fmt.Errorf("%q: must be sha256: and the 64 hex digits of a certificate's fingerprint", s)
	}
	return Pin(sum), nil
}

// PinOf returns the pin of a certificate.
func PinOf(e Entry) Pin { return sha256.Sum256(e.Cert.Raw) }

// String writes a pin as ParsePin reads it.
func (p Pin) String() string { return pinPrefix + hex.EncodeToString(p[:]) }

// Pinned returns the certificates of a server's chain that have one of the pins.
func Pinned(chain []Entry, pins []Pin) []Entry {
	var kept []Entry
	for _, e := range chain {
		if slices.Contains(pins, PinOf(e)) {
			kept = append(kept, e)
		}
	}
	return kept
}

// PinFor returns the certificate of a server's chain that one would trust: the
// last CA, or for a chain without any the server's own.
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
