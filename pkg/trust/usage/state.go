package usage

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// LocationState is what one location in the cluster holds.
type LocationState struct {
	Location string // configmap/shop/roots:ca.crt
	Object   Ref    // what pods read; the zero value if none can
	// Before are the objects that came before one with a hash in its name, and
	// are still there: who reads one of them has not read this.
	Before []Ref
	// Absent says why nobody can tell what it holds, "" if one can.
	Absent string
	// Idle says why it need not hold anything, "" if it must.
	Idle string
	// By is a workload that mounts it by a component, "" for other locations.
	By string
	// Differs says what is other than Git has it, besides certificates.
	Differs []string
	// Damage says what clients cannot read in it.
	Damage []string
	Certs  []*x509.Certificate // each once
	// Keys are all of a ConfigMap or Secret that hold certificates, also where
	// the location is one of them.
	Keys []string
	// Mixed is true where others add certificates, the system's roots for
	// instance: more than is wanted is no difference there.
	Mixed bool
	// Changed is when it was written last, at the latest; the zero value if
	// that is not known.
	Changed time.Time
}

// Difference is what a location holds other than it should.
type Difference struct {
	Missing, Extra []*x509.Certificate
}

// Against compares a location with what it should hold, certificate by
// certificate.
func (h LocationState) Against(want []*x509.Certificate) Difference {
	d := Difference{Missing: pki.Without(want, h.Certs)}
	if !h.Mixed {
		d.Extra = pki.Without(h.Certs, want)
	}
	return d
}

// Same reports whether a location holds exactly what it should, as Git has it, and
// clients can read it.
func (h LocationState) Same(want []*x509.Certificate) bool {
	d := h.Against(want)
	return h.Absent == "" && len(h.Damage)+len(h.Differs)+len(d.Missing)+len(d.Extra) == 0
}

// Values reads what locations hold, equal values once: a bundle may be in a
// thousand namespaces.
type Values struct {
	Passwords []string // for PKCS#12 and JKS
	read      map[[sha256.Size]byte]reading
}

type reading struct {
	certs  []*x509.Certificate
	damage []string
	err    error
}

// Add adds what a value holds. Values without certificates are passed over,
// unless they are asked for, or they or their key say that they have some.
func (v *Values) Add(h *LocationState, key string, value []byte, asked bool) {
	r := v.parse(value)
	switch {
	case len(r.certs) > 0:
		h.Certs = append(h.Certs, pki.Without(r.certs, h.Certs)...)
		h.Damage = append(h.Damage, withKey(key, r.damage)...)
	case errors.Is(r.err, cabundle.ErrPassword):
		h.Damage = append(h.Damage, withKey(key, []string{cabundle.ErrPassword.Error()})...)
	case pemMarkers.Match(value) && len(r.damage) > 0:
		h.Damage = append(h.Damage, withKey(key, r.damage)...)
	case asked, pemMarkers.Match(value), expectsCertificates(key, value):
		h.Damage = append(h.Damage, withKey(key, []string{"no certificate in it"})...)
	}
}

// pemMarkers are values that say that they have a certificate.
var pemMarkers = regexp.MustCompile(`-----(BEGIN|END) (TRUSTED |X509 )?CERTIFICATE-----`)

// expectsCertificates reports whether a value without certificates is to have some, by its
// key. Keys of one certificate have other PEM too, and text.
func expectsCertificates(key string, value []byte) bool {
	if slices.Contains(bundleKeys, key) {
		return true
	}
	if !strings.HasSuffix(key, ".crt") && !strings.HasSuffix(key, ".pem") {
		return false
	}
	return !bytes.Contains(value, []byte("-----BEGIN ")) && !isText(value)
}

// isText reports whether a value is text, and not what was base64 once.
func isText(value []byte) bool {
	const certificate = 200 // bytes, which none is shorter than
	words := bytes.Fields(value)
	return utf8.Valid(value) && len(words) > 0 && (len(value) < certificate || !base64Lines.Match(bytes.Join(words, nil)))
}

var base64Lines = regexp.MustCompile(`^[A-Za-z0-9+/]+=*$`)

// AddAll adds what the values of an object hold together, where that is one
// bundle, or a file for each certificate. The keys are those of values that hold
// something; differ is true if they are bundles of which nobody knows which one
// is read.
func (v *Values) AddAll(h *LocationState, values map[string][]byte) (keys []string, differ bool) {
	var first []*x509.Certificate
	whole, same := false, true
	for _, key := range slices.Sorted(maps.Keys(values)) {
		var one LocationState
		v.Add(&one, key, values[key], false)
		h.Damage = append(h.Damage, one.Damage...)
		if len(one.Certs) == 0 {
			continue
		}
		if keys = append(keys, key); len(keys) == 1 {
			first = one.Certs
		}
		h.Certs = pki.Union(h.Certs, one.Certs)
		whole = whole || !numbered.MatchString(key) && (len(one.Certs) > 1 || slices.Contains(bundleKeys, key))
		same = same && len(first) == len(one.Certs) && len(pki.Without(first, one.Certs)) == 0
	}
	return keys, whole && !same
}

// Numbered reports whether keys are names of parts, as in AKS's
// custom-ca-trust-secret, which may trade places.
func Numbered(keys []string) bool {
	return len(keys) > 0 && !slices.ContainsFunc(keys, func(key string) bool { return !numbered.MatchString(key) })
}

var numbered = regexp.MustCompile(`\d\.(crt|pem)$`)

// bundleKeys are names that a whole bundle has, also one of a single CA.
var bundleKeys = []string{cabundle.CAKey, "ca.pem", "ca-bundle.crt", "ca-certificates.crt", "tls-ca-bundle.pem", "root-certs.pem", "root-cert.pem"}

func withKey(key string, texts []string) []string {
	if key == "" {
		return texts
	}
	var all []string
	for _, t := range texts {
		all = append(all, key+": "+t)
	}
	return all
}

func (v *Values) parse(value []byte) reading {
	sum := sha256.Sum256(value)
	if r, known := v.read[sum]; known {
		return r
	}
	bundle, err := cabundle.Read("", value, v.Passwords...)
	r := reading{err: err}
	for _, e := range cabundle.Normalise(bundle.Entries) {
		r.certs = append(r.certs, e.Cert)
	}
	for _, f := range cabundle.Check(cabundle.Bundle{Findings: bundle.Findings}, cabundle.Generic, time.Time{}) {
		if f.Severity == finding.Error {
			r.damage = append(r.damage, f.ID+": "+f.Reason)
		}
	}
	if v.read == nil {
		v.read = map[[sha256.Size]byte]reading{}
	}
	v.read[sum] = r
	return r
}
