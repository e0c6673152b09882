package plan

import (
	"reflect"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// Names are the SANs to ask for, sorted, each once; like for cert-manager, a
// common name is one.
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

// FirstConflict finds the first of the needs of one Secret that asks for another
// certificate than those before it, 0 if all agree.
func FirstConflict(needs []Need) int {
	for i, n := range needs {
		a, b := needs[0].Certificate, n.Certificate
		if !slices.Equal(Names(&a), Names(&b)) || IssuerOf(needs[0]) != IssuerOf(n) || !reflect.DeepEqual(a.PrivateKey, b.PrivateKey) {
			return i
		}
	}
	return 0
}
