package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// thumbprintLength is the length of base64url of 32 bytes.
const thumbprintLength = 43

// parseThumbprints reads values of --thumbprint: THUMBPRINT for every host that
// no other value names, and THUMBPRINT=HOST,HOST.
func parseThumbprints(values []string) (*responder.Table, error) {
	var accounts responder.Table
	var errs []error
	for _, value := range values {
		thumbprint, list, limited := strings.Cut(value, "=")
		hosts := strings.Split(list, ",")
		switch {
		case len(thumbprint) != thumbprintLength:
			errs = append(errs, fmt.Errorf("--thumbprint %q: must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)", thumbprint))
		case !limited:
			accounts.AddRest(thumbprint)
		case slices.Contains(hosts, ""):
			errs = append(errs, fmt.Errorf("--thumbprint %s: a host is empty; name the hosts after =, or leave out = for every host", value))
		default:
			accounts.Add(thumbprint, hosts...)
		}
	}
	return &accounts, errors.Join(errs...)
}
