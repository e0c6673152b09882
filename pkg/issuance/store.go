package issuance

import (
	"context"
	"crypto/x509"
	"encoding/csv"
	"errors"
	"net/url"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// Entry is one Secret: its request, its state and its journal.
type Entry struct {
	Ref Ref
	// Demand is nil if the Secret is not requested (any more).
	Demand  *Demand
	Secret  SecretState
	Journal Journal
}

// Pair is a certificate and its key.
type Pair struct {
	// Cert is the chain in PEM, leaf first, and Key the private key in PEM.
	Cert, Key []byte
	// Annotations are those of cert-manager, so that it accepts the Secret as its own.
	Annotations map[string]string
}

// ErrConflict is the error of a write to an object that has changed since it was read.
var ErrConflict = errors.New("it has changed since it was read")

// Store stores Secrets and journals.
type Store interface {
	// Secret reads a Secret; false if it does not exist.
	Secret(ctx context.Context, ref Ref) (Secret, bool, error)
	// Save writes certificate, key, keystores and annotations of a Secret in one step and
	// returns its new version. It fails with ErrConflict if the Secret no longer has the given
	// version; "" means no Secret.
	Save(ctx context.Context, d *Demand, p Pair, version string) (string, error)
	// Journal reads the journal of a Secret, the zero value if there is none.
	Journal(ctx context.Context, ref Ref) (Journal, error)
	// SaveJournal writes a journal and returns it with its new version. It fails with ErrConflict
	// if the journal has changed since it was read.
	SaveJournal(ctx context.Context, d *Demand, j Journal) (Journal, error)
	// DeleteJournal deletes the journal of a Secret, if it has this version.
	DeleteJournal(ctx context.Context, ref Ref, version string) error
}

// describe returns the annotations of an issued Secret (cert-manager
// internal/controller/certificates).
func describe(d *Demand, leaf *x509.Certificate, note string) map[string]string {
	ref := d.Certificate.IssuerRef
	var ips, uris []string
	for _, ip := range leaf.IPAddresses {
		ips = append(ips, ip.String())
	}
	for _, uri := range leaf.URIs {
		uris = append(uris, (*url.URL)(uri).String())
	}
	a := map[string]string{
		cm.CertificateNameKey:       d.CertificateName(),
		cm.IssuerNameAnnotationKey:  d.Issuer.Name,
		cm.IssuerKindAnnotationKey:  d.Issuer.Kind,
		cm.IssuerGroupAnnotationKey: ref.Group,
		cm.CommonNameAnnotationKey:  leaf.Subject.CommonName,
		cm.AltNamesAnnotationKey:    list(leaf.DNSNames),
		cm.IPSANAnnotationKey:       list(ips),
		cm.URISANAnnotationKey:      list(uris),
		v1alpha1.IssuedAnnotation:   note,
	}
	for key, values := range map[string][]string{
		cm.EmailsAnnotationKey:                     leaf.EmailAddresses,
		cm.SubjectOrganizationsAnnotationKey:       leaf.Subject.Organization,
		cm.SubjectOrganizationalUnitsAnnotationKey: leaf.Subject.OrganizationalUnit,
		cm.SubjectCountriesAnnotationKey:           leaf.Subject.Country,
		cm.SubjectProvincesAnnotationKey:           leaf.Subject.Province,
		cm.SubjectLocalitiesAnnotationKey:          leaf.Subject.Locality,
		cm.SubjectStreetAddressesAnnotationKey:     leaf.Subject.StreetAddress,
		cm.SubjectPostalCodesAnnotationKey:         leaf.Subject.PostalCode,
	} {
		if len(values) > 0 {
			a[key] = list(values)
		}
	}
	if serial := leaf.Subject.SerialNumber; serial != "" {
		a[cm.SubjectSerialNumberAnnotationKey] = serial
	}
	return a
}

// list returns values in cert-manager's format, a line of CSV (RFC 4180).
func list(values []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if w.Write(values) != nil {
		return ""
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}
