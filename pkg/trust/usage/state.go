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

// LocationState is the content of one location in the cluster.
type LocationState struct {
	Location string // configmap/shop/roots:ca.crt
	Object   Ref    // that pods read; the zero value if pods cannot read it
	// Before are older versions of an object with a hash in its name that still
	// exist. A pod that reads one of them has not read this one.
	Before []Ref
	// Absent is the reason why the content is unknown; "" if it is known.
	Absent string
	// Idle is the reason why it may be empty; "" if it must hold certificates.
	Idle string
	// By is the workload that mounts it with a component; "" for other locations.
	By string
	// Differs lists differences from Git other than certificates.
	Differs []string
	// Damage lists what clients cannot parse in it.
	Damage []string
	Certs  []*x509.Certificate // each once
	// Keys are all keys of the ConfigMap or Secret that hold certificates, even
	// if the location is only one of them.
	Keys []string
	// Mixed is true if other components add certificates, for example the
	// system's roots. Extra certificates are not a difference then.
	Mixed bool
	// Changed is the latest time at which it was written; the zero value if it
	// is unknown.
	Changed time.Time
}

// Difference is the difference of a location from its desired certificates.
type Difference struct {
	Missing, Extra []*x509.Certificate
}

// Against compares a location with its desired certificates.
func (h LocationState) Against(want []*x509.Certificate) Difference {
	d := Difference{Missing: pki.Without(want, h.Certs)}
	if !h.Mixed {
		d.Extra = pki.Without(h.Certs, want)
	}
	return d
}

// Same reports whether a location holds exactly the desired certificates, does
// not differ from Git otherwise, and can be parsed by clients.
func (h LocationState) Same(want []*x509.Certificate) bool {
	d := h.Against(want)
	return h.Absent == "" && len(h.Damage)+len(h.Differs)+len(d.Missing)+len(d.Extra) == 0
}

// Values parses the values of locations. It parses equal values once, because a
// bundle may be in a thousand namespaces.
type Values struct {
	Passwords []string // for PKCS#12 and JKS
	read      map[[sha256.Size]byte]reading
}

type reading struct {
	certs  []*x509.Certificate
	damage []string
	err    error
}

// Add adds the certificates of a value. It skips a value without certificates,
// unless required is true, or the value or its key looks like certificates.
func (v *Values) Add(h *LocationState, key string, value []byte, required bool) {
	r := v.parse(value)
	switch {
	case len(r.certs) > 0:
		h.Certs = append(h.Certs, pki.Without(r.certs, h.Certs)...)
		h.Damage = append(h.Damage, withKey(key, r.damage)...)
	case errors.Is(r.err, cabundle.ErrPassword):
		h.Damage = append(h.Damage, withKey(key, []string{cabundle.ErrPassword.Error()})...)
	case pemMarkers.Match(value) && len(r.damage) > 0:
		h.Damage = append(h.Damage, withKey(key, r.damage)...)
	case required, pemMarkers.Match(value), expectsCertificates(key, value):
		h.Damage = append(h.Damage, withKey(key, []string{"no certificate found"})...)
	}
}

// pemMarkers match the PEM markers of a certificate.
var pemMarkers = regexp.MustCompile(`-----(BEGIN|END) (TRUSTED |X509 )?CERTIFICATE-----`)

// expectsCertificates reports whether a value without certificates should have
// some because of its key. Keys such as NAME.pem also hold other PEM, and text.
func expectsCertificates(key string, value []byte) bool {
	if slices.Contains(bundleKeys, key) {
		return true
	}
	if !strings.HasSuffix(key, ".crt") && !strings.HasSuffix(key, ".pem") {
		return false
	}
	return !bytes.Contains(value, []byte("-----BEGIN ")) && !isText(value)
}

// isText reports whether a value is text and not damaged base64.
func isText(value []byte) bool {
	const certificate = 200 // bytes; no certificate is shorter
	words := bytes.Fields(value)
	return utf8.Valid(value) && len(words) > 0 && (len(value) < certificate || !base64Lines.Match(bytes.Join(words, nil)))
}

var base64Lines = regexp.MustCompile(`^[A-Za-z0-9+/]+=*$`)

// AddAll adds the certificates of all values of an object: one bundle, or one
// file for each certificate. It returns the keys with certificates. Differ is
// true if they hold different bundles, so that it is unknown which one clients
// read.
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

// Numbered reports whether keys are numbered files, as in AKS's
// custom-ca-trust-secret. Their order does not matter.
func Numbered(keys []string) bool {
	return len(keys) > 0 && !slices.ContainsFunc(keys, func(key string) bool { return !numbered.MatchString(key) })
}

var numbered = regexp.MustCompile(`\d\.(crt|pem)$`)

// bundleKeys are usual names of CA bundles, including those of a single CA.
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
