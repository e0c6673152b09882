package cabundle

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// constraints describes the name constraints of a CA; "" if it has none.
func constraints(c *x509.Certificate) string {
	otherOnly, otherNever := otherConstraints(c)
	var only, never []string
	for _, names := range []struct{ permitted, excluded []string }{
		{c.PermittedDNSDomains, c.ExcludedDNSDomains},
		{texts(c.PermittedIPRanges), texts(c.ExcludedIPRanges)},
		{c.PermittedEmailAddresses, c.ExcludedEmailAddresses},
		{c.PermittedURIDomains, c.ExcludedURIDomains},
		{otherOnly, otherNever},
	} {
		only, never = append(only, names.permitted...), append(never, names.excluded...)
	}
	var parts []string
	for _, list := range []struct {
		word  string
		names []string
	}{{"only", only}, {"never", never}} {
		if len(list.names) > 0 {
			parts = append(parts, list.word+" "+printable.Line(strings.Join(list.names, " ")))
		}
	}
	return strings.Join(parts, ", ")
}

func texts[T fmt.Stringer](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.String()
	}
	return list
}

const oidNameConstraints = "2.5.29.30"

// otherConstraints returns the name constraints of kinds that Go does not parse
// (RFC 5280, 4.2.1.10).
func otherConstraints(c *x509.Certificate) (permitted, excluded []string) {
	for _, e := range c.Extensions {
		if e.Id.String() != oidNameConstraints {
			continue
		}
		outer := cryptobyte.String(e.Value)
		var value, only, never cryptobyte.String
		if outer.ReadASN1(&value, tags.SEQUENCE) &&
			value.ReadOptionalASN1(&only, nil, tags.Tag(0).Constructed().ContextSpecific()) &&
			value.ReadOptionalASN1(&never, nil, tags.Tag(1).Constructed().ContextSpecific()) {
			permitted, excluded = otherNames(only), otherNames(never)
		}
	}
	return permitted, excluded
}

// The tags of GeneralName that Go parses, and that of directory names (RFC 5280,
// 4.2.1.6).
const (
	emailName     = 1
	dnsName       = 2
	directoryName = 4
	uriName       = 6
	ipName        = 7
)

func otherNames(trees cryptobyte.String) []string {
	var names []string
	var tree, base cryptobyte.String
	var tag tags.Tag
	for trees.ReadASN1(&tree, tags.SEQUENCE) && tree.ReadAnyASN1(&base, &tag) {
		switch tag & 0x1f {
		case emailName, dnsName, uriName, ipName:
		case directoryName:
			var rdn pkix.RDNSequence
			var name pkix.Name
			if _, err := asn1.Unmarshal(base, &rdn); err == nil {
				name.FillFromRDNSequence(&rdn)
			}
			names = append(names, pki.Name(name))
		default:
			names = append(names, "names of another kind")
		}
	}
	return names
}
