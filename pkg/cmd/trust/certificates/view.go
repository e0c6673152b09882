package certificates

import (
	"crypto/x509"
	"fmt"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// View is a certificate and its position as JSON and YAML show them.
type View struct {
	Subject   string        `json:"subject"`
	Issuer    string        `json:"issuer"`
	Kind      cabundle.Kind `json:"kind"`
	Key       string        `json:"key"`
	Signature string        `json:"signature"`
	NotBefore time.Time     `json:"notBefore"`
	NotAfter  time.Time     `json:"notAfter"`
	SHA256    string        `json:"sha256"`
	UsedFor   []string      `json:"usedFor"`
	Source    string        `json:"source,omitempty"`
	Line      int           `json:"line,omitempty"`
	Field     string        `json:"field,omitempty"`
}

// viewOf returns the view of an entry.
func viewOf(e cabundle.Entry) View {
	c := e.Cert
	return View{
		Subject: pki.Name(c.Subject), Issuer: pki.Name(c.Issuer),
		Kind: cabundle.KindOf(c), Key: pki.Key(c), Signature: c.SignatureAlgorithm.String(),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		SHA256: pki.Fingerprint(c), UsedFor: cabundle.UsedFor(c),
		Source: e.Position.Source, Line: e.Position.Line, Field: e.Position.Field,
	}
}

// Items returns the views of entries, as items of a list.
func Items(entries []cabundle.Entry) []any {
	items := make([]any, len(entries))
	for i, e := range entries {
		items[i] = viewOf(e)
	}
	return items
}

// CA is a certificate as JSON and YAML show it where others are compared with it.
type CA struct {
	Subject  string    `json:"subject"`
	SHA256   string    `json:"sha256"`
	NotAfter time.Time `json:"notAfter"`
}

// CAOf returns the view of a certificate.
func CAOf(c *x509.Certificate) CA {
	return CA{pki.Name(c.Subject), pki.Fingerprint(c), c.NotAfter.UTC()}
}

// CAsOf returns the views of certificates, nil if there are none.
func CAsOf(certs []*x509.Certificate) []CA {
	var views []CA
	for _, c := range certs {
		views = append(views, CAOf(c))
	}
	return views
}

// String identifies a CA in a line.
func (c CA) String() string {
	return fmt.Sprintf("%s, until %s, sha256 %s", c.Subject, Day(c.NotAfter), c.SHA256)
}
