package lint

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"golang.org/x/net/publicsuffix"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

func isLetsEncrypt(server string) bool {
	return server == v1alpha1.LetsEncrypt || server == v1alpha1.LetsEncryptStaging
}

const day = 24 * time.Hour

// profile is a certificate profile of Let's Encrypt (letsencrypt.org/docs/profiles,
// as of 2026-11).
type profile struct {
	names     int // limit
	addresses bool
	lifetimes []lifetime // in order of time
}

// lifetime is the lifetime of certificates issued from a day on.
type lifetime struct {
	from time.Time
	is   time.Duration
}

var profiles = map[string]profile{
	"classic": {names: 100, lifetimes: []lifetime{
		{is: 90 * day},
		{time.Date(2027, 2, 10, 0, 0, 0, 0, time.UTC), 64 * day},
		{time.Date(2028, 2, 16, 0, 0, 0, 0, time.UTC), 45 * day},
	}},
	"tlsserver":  {names: 25, lifetimes: []lifetime{{is: 45 * day}}},
	"shortlived": {names: 25, addresses: true, lifetimes: []lifetime{{is: 160 * time.Hour}}},
}

// profileOf returns the profile of an issuer of Let's Encrypt; false if it is
// unknown.
func profileOf(i *issuer) (string, profile, bool) {
	name := i.Spec.ACME.Profile
	if name == "" {
		name = "classic"
	}
	p, known := profiles[name]
	return name, p, known
}

// at returns the lifetime of certificates issued at a time.
func (p profile) at(t time.Time) time.Duration {
	var is time.Duration
	for _, l := range p.lifetimes {
		if !t.Before(l.from) {
			is = l.is
		}
	}
	return is
}

// letsEncrypt reports what Let's Encrypt rejects.
func (l *linter) letsEncrypt(r *request) {
	c := &r.Certificate
	l.publicNames(r)
	l.redundant(r)
	if key, accepted := acceptedKey(c.PrivateKey); !accepted {
		l.report("C116", r.by, r.specField("privateKey", "private-key-algorithm"), "Let's Encrypt does not accept %s", key)
	}
	if slices.Contains(c.Usages, cm.UsageClientAuth) {
		l.report("C117", r.by, r.specField("usages", "usages"), "has client auth, which Let's Encrypt does not issue")
	}
	name, p, known := profileOf(r.issuer)
	if !known { // reported at the issuer
		return
	}
	if n := len(r.names); n > p.names {
		l.report("C112", r.by, r.nameField(r.names[p.names]), "%d names, but profile %s accepts %d", n, name, p.names)
	}
	for _, address := range c.IPAddresses {
		ip, err := netip.ParseAddr(address)
		switch {
		case err != nil:
			l.report("C108", r.by, r.nameField(address), "invalid IP address %q", address)
		case !isPublic(ip):
			l.report("C113", r.by, r.nameField(address), "%s is not a public address", address)
		case !p.addresses:
			l.report("C113", r.by, r.nameField(address), "%s needs profile shortlived, but %s has %s", address, r.issuer.id, name)
		}
	}
}

// reserved are addresses for special purposes (IANA's special-purpose
// registries).
var reserved = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func isPublic(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// publicNames checks whether Let's Encrypt issues for names. Both use the same
// list of public suffixes.
func (l *linter) publicNames(r *request) {
	for _, name := range r.Certificate.DNSNames {
		bare := strings.ToLower(strings.TrimPrefix(name, "*."))
		if !isHost(name) {
			continue // acmeIdentity reports it
		}
		suffix, official := publicsuffix.PublicSuffix(bare)
		switch labels := strings.Split(bare, "."); {
		case !official && !strings.Contains(suffix, ".") || bare == suffix && official:
			l.report("C114", r.by, r.nameField(name), "%q has no public suffix", name)
		case len(strings.Split(name, ".")) > maxLabels:
			l.report("C108", r.by, r.nameField(name), "%q has more than %d labels, the limit of Let's Encrypt", name, maxLabels)
		case slices.ContainsFunc(labels, isReservedLabel):
			l.report("C108", r.by, r.nameField(name), "%q has a label with -- in third and fourth place that does not start with xn--", name)
		}
	}
}

// maxLabels is the limit on labels of Boulder.
const maxLabels = 10

// isReservedLabel reports whether a label has hyphens in third and fourth place,
// which is reserved for encoded names (RFC 5890, 2.3.1).
func isReservedLabel(label string) bool {
	return len(label) > 3 && label[2:4] == "--" && label[:2] != "xn"
}

// redundant reports names that a wildcard of the certificate covers.
func (l *linter) redundant(r *request) {
	wildcards := map[string]bool{}
	for _, name := range r.Certificate.DNSNames {
		wildcards[strings.ToLower(name)] = v1alpha1.IsWildcard(name)
	}
	for _, name := range r.Certificate.DNSNames {
		_, parent, found := strings.Cut(strings.ToLower(name), ".")
		if wildcard := "*." + parent; found && !v1alpha1.IsWildcard(name) && wildcards[wildcard] && isHost(name) {
			l.report("C115", r.by, r.nameField(name), "%q is already covered by %q", name, wildcard)
		}
	}
}

// acceptedKey describes a key and reports whether Let's Encrypt accepts it.
func acceptedKey(k *cm.CertificatePrivateKey) (string, bool) {
	if k == nil {
		return "", true
	}
	switch k.Algorithm {
	case cm.Ed25519KeyAlgorithm:
		return "Ed25519 keys", false
	case cm.ECDSAKeyAlgorithm:
		return "ECDSA keys on P-521", k.Size != 521
	}
	return "RSA keys of " + phrase.Count(k.Size, "bit"), k.Size == 0 || slices.Contains([]int{2048, 3072, 4096}, k.Size)
}
