package issuance

import (
	"net/url"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// stagingPrefix begins the names of Let's Encrypt's staging CAs.
const stagingPrefix = "(STAGING)"

// otherServer returns what issued the certificate if it was not the ACME server with the given
// directory, "" if it was, or if that is unknown. Our own certificates have the directory in
// their note. For those of cert-manager, the host of the order's URL is compared: RFC 8555 does
// not relate the two URLs, but CAs serve both from one host. Without the order, Let's Encrypt's
// staging server is recognized by the name of its CAs.
func (h SecretState) otherServer(directory string) string {
	switch {
	case h.Note.Server == directory:
	case h.Note.Server != "":
		return h.Note.Server
	case h.OrderURL != "":
		if from := origin(h.OrderURL); from != origin(directory) {
			return from
		}
	case strings.HasPrefix(h.Signer, stagingPrefix) && directory == v1alpha1.LetsEncrypt:
		return h.Signer
	}
	return ""
}

// origin returns the scheme and host of a URL.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// MayBeFromCertManager reports whether the certificate has no note of ours, so that only
// cert-manager's Order says which ACME server issued it.
func (h SecretState) MayBeFromCertManager() bool {
	return h.Leaf != "" && h.Note.Leaf == "" && !h.Temporary && h.IssuerName != ""
}

// LeafOf identifies the first certificate of a chain in PEM as SecretState.Leaf does, "" if it
// cannot be parsed.
func LeafOf(chainPEM []byte) string {
	chain, err := pki.Parse(chainPEM)
	if err != nil {
		return ""
	}
	return leafID(chain[0])
}
