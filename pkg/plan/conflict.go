package plan

import (
	"reflect"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// Names are the requested SANs, sorted and without duplicates. As in
// cert-manager, a common name is one of them.
func Names(c *cm.CertificateSpec) []string {
	all := slices.Concat(c.DNSNames, c.IPAddresses)
	if c.CommonName != "" {
		all = append(all, c.CommonName)
	}
	for i := range all {
		all[i] = strings.ToLower(all[i])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// FirstConflict returns the index of the first need of a Secret that requests
// another certificate than those before it, 0 if all agree.
func FirstConflict(needs []Need) int {
	for i, n := range needs {
		a, b := needs[0].Certificate, n.Certificate
		if !slices.Equal(Names(&a), Names(&b)) || IssuerOf(needs[0]) != IssuerOf(n) || !reflect.DeepEqual(a.PrivateKey, b.PrivateKey) {
			return i
		}
	}
	return 0
}
