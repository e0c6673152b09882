package issuance

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Note is the value of IssuedAnnotation. It applies only to the certificate that it names:
// another controller may have replaced that.
type Note struct {
	Leaf         string `json:"leaf"`   // the first 16 hex digits of its SHA-256
	Demand       string `json:"demand"` // Demand.Digest
	Server       string `json:"server"` // ACME directory
	Profile      string `json:"profile,omitempty"`
	RenewRequest string `json:"asked,omitempty"` // RenewAnnotation, as it was met
}

// Secret is the relevant part of a Secret in the cluster.
type Secret struct {
	Type        string
	Annotations map[string]string
	Cert, Key   []byte // tls.crt, tls.key
	// Manager is the last field manager of the data, if known.
	Manager string
	// Version is the resourceVersion.
	Version string
}

// SecretState is the result of examining a Secret. The zero value is a missing Secret.
type SecretState struct {
	Exists  bool
	Version string
	// Foreign is the field manager of a Secret that is not ours to renew. It is "" for
	// Secrets written by cert-manager or by us, and for empty ones.
	Foreign string
	// Type is the Secret's type if it is not kubernetes.io/tls; it cannot be changed.
	Type string
	// Damage is what is wrong with the Secret, "" if nothing.
	Damage Damage
	// Temporary is whether the certificate is a placeholder until the real one is issued.
	Temporary bool

	IssuerName, IssuerKind, IssuerGroup string
	Note                                Note // empty if it is for another certificate
	// RequestedAt is the time of a renewal request that is not met yet.
	RequestedAt time.Time
	// RenewRequest is the annotation's value.
	RenewRequest string

	Leaf                string // identifies the certificate
	NotBefore, NotAfter time.Time
	Names               []string // as Demand.Names
	Signer              string   // common name of the certificate's issuer
	OrderURL            string   // of cert-manager's Order of the certificate, "" if unknown
	RenewalID           string   // RFC 9773 §4.1, "" if the certificate has none
	Public              crypto.PublicKey
}

// Damage is why a Secret is unusable.
type Damage string

// The kinds of damage.
const (
	NoCertificate Damage = "has no certificate"
	NoKey         Damage = "has no private key"
	Unreadable    Damage = "has an invalid certificate or key"
	Mismatch      Damage = "has a key that does not match the certificate"
	BrokenChain   Damage = "has a chain in which a certificate is not signed by the next"
)

const tlsType = "kubernetes.io/tls"

// temporarySigner is the issuer of cert-manager's temporary certificates, and ours.
const temporarySigner = "cert-manager.local"

// Examine returns the state of an existing Secret.
func Examine(s Secret) SecretState {
	h := SecretState{
		Exists: true, Version: s.Version,
		IssuerName:  s.Annotations[cm.IssuerNameAnnotationKey],
		IssuerKind:  s.Annotations[cm.IssuerKindAnnotationKey],
		IssuerGroup: s.Annotations[cm.IssuerGroupAnnotationKey],
	}
	h.Foreign = foreign(s)
	if s.Type != tlsType {
		h.Type = s.Type
	}
	h.RenewRequest = s.Annotations[v1alpha1.RenewAnnotation]
	h.RequestedAt, _ = time.Parse(time.RFC3339, h.RenewRequest)
	switch {
	case len(bytes.TrimSpace(s.Cert)) == 0:
		h.Damage = NoCertificate
		return h
	case len(bytes.TrimSpace(s.Key)) == 0:
		h.Damage = NoKey
	}
	chain, err := pki.Parse(s.Cert)
	if err != nil {
		h.Damage = Unreadable
		return h
	}
	h.leaf(chain[0], s.Annotations[v1alpha1.IssuedAnnotation])
	if h.RenewRequest == h.Note.RenewRequest {
		h.RequestedAt = time.Time{} // it is met
	}
	if h.Damage == "" {
		h.Damage = damage(chain, s.Key)
	}
	return h
}

func (h *SecretState) leaf(leaf *x509.Certificate, note string) {
	h.NotBefore, h.NotAfter = leaf.NotBefore, leaf.NotAfter
	h.Signer, h.Public = leaf.Issuer.CommonName, leaf.PublicKey
	h.Temporary = h.Signer == temporarySigner
	h.Names, h.Leaf = namesOf(leaf), leafID(leaf)
	h.RenewalID, _ = pki.RenewalID(leaf)
	if json.Unmarshal([]byte(note), &h.Note) != nil || h.Note.Leaf != h.Leaf {
		h.Note = Note{}
	}
}

func namesOf(leaf *x509.Certificate) []string {
	names := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// leafID identifies a certificate.
func leafID(leaf *x509.Certificate) string {
	sum := sha256.Sum256(leaf.Raw)
	return hex.EncodeToString(sum[:8])
}

// foreign returns the owner of a Secret with a certificate but without cert-manager's
// annotations.
func foreign(s Secret) string {
	if s.Annotations[cm.CertificateNameKey] != "" || s.Annotations[cm.IssuerNameAnnotationKey] != "" {
		return ""
	}
	if s.Type == tlsType && len(s.Cert) == 0 && len(s.Key) == 0 {
		return ""
	}
	if s.Manager == "" {
		return "an unknown client"
	}
	return s.Manager
}

func damage(chain []*x509.Certificate, keyPEM []byte) Damage {
	key, err := cmpki.DecodePrivateKeyBytes(keyPEM)
	if err != nil {
		return Unreadable
	}
	if same, err := cmpki.PublicKeysEqual(key.Public(), chain[0].PublicKey); err != nil || !same {
		return Mismatch
	}
	if !linked(chain) {
		return BrokenChain
	}
	return ""
}

// linked reports whether each certificate is signed by the next.
func linked(chain []*x509.Certificate) bool {
	for i := range len(chain) - 1 {
		if chain[i].CheckSignatureFrom(chain[i+1]) != nil {
			return false
		}
	}
	return true
}
