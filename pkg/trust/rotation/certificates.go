package rotation

import (
	"fmt"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// CheckNew returns what is wrong with the new CAs of a rotation. They must not be
// among the old ones, and clients must accept them.
func CheckNew(old, fresh []cabundle.Entry, now time.Time) []error {
	var wrong []error
	for _, f := range cabundle.Blocking(cabundle.Check(cabundle.Bundle{Entries: fresh}, cabundle.Generic, now)) {
		wrong = append(wrong, fmt.Errorf("new: %s", f))
	}
	for _, e := range fresh {
		for _, o := range old {
			if o.Cert.Equal(e.Cert) {
				wrong = append(wrong, fmt.Errorf("%s: %s is also an old CA", e.Position, pki.Name(e.Cert.Subject)))
			}
		}
	}
	return wrong
}
