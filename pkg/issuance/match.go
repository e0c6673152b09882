package issuance

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// nameDifference returns the added and removed names. A CA may add names of its own, so
// additional names in a certificate issued for this demand are ignored.
func nameDifference(d *Demand, h SecretState) string {
	var words []string
	for _, name := range d.Names {
		if !slices.Contains(h.Names, CanonicalName(name)) {
			words = append(words, "+"+name)
		}
	}
	if h.Note.Demand != d.Digest {
		for _, name := range h.Names {
			if !slices.ContainsFunc(d.Names, func(wanted string) bool { return CanonicalName(wanted) == name }) {
				words = append(words, "-"+name)
			}
		}
	}
	if len(words) > 6 {
		words = append(words[:5], fmt.Sprintf("and %d more", len(words)-5))
	}
	return strings.Join(words, " ")
}

// fits returns what is wrong with an issued chain, "" if nothing.
func fits(chain []*x509.Certificate, d *Demand, keyPEM []byte) string {
	if broken := damage(chain, keyPEM); broken != "" {
		return "the CA's answer " + string(broken)
	}
	issued := SecretState{Names: namesOf(chain[0]), Note: Note{Demand: d.Digest}}
	if lost := nameDifference(d, issued); lost != "" {
		return "names missing in the CA's certificate: " + lost
	}
	return ""
}

// invalidAt returns why an issued certificate is not valid at a time, "" if it is.
func invalidAt(leaf *x509.Certificate, now time.Time) string {
	switch {
	case !leaf.NotAfter.After(now):
		return "the CA's certificate has already expired: check the clock"
	case leaf.NotBefore.After(now.Add(clockSkew)):
		return fmt.Sprintf("the CA's certificate is not valid before %s: check the clock", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return ""
}
