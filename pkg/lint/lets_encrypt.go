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

// profile is what Let's Encrypt issues under a name (letsencrypt.org/docs/profiles,
// as of 2026-11).
type profile struct {
	names     int // at most
	addresses bool
	lifetimes []lifetime // in order of time
}

// lifetime is how long certificates live that are issued from a day on.
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

// profileOf is the profile of an issuer at Let's Encrypt, false for one that is
// not known.
func profileOf(i *issuer) (string, profile, bool) {
	name := i.Spec.ACME.Profile
	if name == "" {
		name = "classic"
	}
	p, known := profiles[name]
	return name, p, known
}

// at is the lifetime of what is issued at a time.
func (p profile) at(t time.Time) time.Duration {
	var is time.Duration
	for _, l := range p.lifetimes {
		if !t.Before(l.from) {
			is = l.is
		}
	}
	return is
}

// letsEncrypt checks what Let's Encrypt will say to a certificate.
func (l *linter) letsEncrypt(r *request) {
	c := &r.Certificate
	l.publicNames(r)
	l.redundant(r)
	if key, taken := takenKey(c.PrivateKey); !taken {
		l.report("C116", r.by, r.specField("privateKey", "private-key-algorithm"), "Let's Encrypt signs no %s", key)
	}
	if slices.Contains(c.Usages, cm.UsageClientAuth) {
		l.report("C117", r.by, r.specField("usages", "usages"), "has client auth, which Let's Encrypt leaves out")
	}
	name, p, known := profileOf(r.issuer)
	if !known { // reported at the issuer
		return
	}
	if n := len(r.names); n > p.names {
		l.report("C112", r.by, r.nameField(r.names[p.names]), "asks for %d names, and profile %s takes %d", n, name, p.names)
	}
	for _, address := range c.IPAddresses {
		ip, err := netip.ParseAddr(address)
		switch {
		case err != nil:
			l.report("C108", r.by, r.nameField(address), "%q is no IP address", address)
		case !isPublic(ip):
			l.report("C113", r.by, r.nameField(address), "%s is no public address", address)
		case !p.addresses:
			l.report("C113", r.by, r.nameField(address), "%s needs profile shortlived, and %s has %s", address, r.issuer.id, name)
		}
	}
}

// reserved are the addresses that look public and are for special uses (IANA's
// special-purpose registries).
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

// publicNames checks whether names are such that Let's Encrypt issues for them.
// It goes by the same list of public suffixes.
func (l *linter) publicNames(r *request) {
	for _, name := range r.Certificate.DNSNames {
		bare := strings.ToLower(strings.TrimPrefix(name, "*."))
		if !isHost(name) {
			continue // a problem of its own
		}
		suffix, official := publicsuffix.PublicSuffix(bare)
		switch labels := strings.Split(bare, "."); {
		case !official && !strings.Contains(suffix, ".") || bare == suffix && official:
			l.report("C114", r.by, r.nameField(name), "%q is below no public suffix", name)
		case len(strings.Split(name, ".")) > maxLabels:
			l.report("C108", r.by, r.nameField(name), "%q has more than %d labels, and Let's Encrypt takes no more", name, maxLabels)
		case slices.ContainsFunc(labels, isReservedLabel):
			l.report("C108", r.by, r.nameField(name), "%q has a label with -- in it that is no international name", name)
		}
	}
}

// maxLabels is how many labels Boulder takes.
const maxLabels = 10

// isReservedLabel reports a label that has hyphens in third and fourth place,
// which only encoded names may have (RFC 5890, 2.3.1).
func isReservedLabel(label string) bool {
	return len(label) > 3 && label[2:4] == "--" && label[:2] != "xn"
}

// redundant reports names beside a wildcard that covers them.
func (l *linter) redundant(r *request) {
	wildcards := map[string]bool{}
	for _, name := range r.Certificate.DNSNames {
		wildcards[strings.ToLower(name)] = v1alpha1.IsWildcard(name)
	}
	for _, name := range r.Certificate.DNSNames {
		_, parent, found := strings.Cut(strings.ToLower(name), ".")
		if wildcard := "*." + parent; found && !v1alpha1.IsWildcard(name) && wildcards[wildcard] && isHost(name) {
			l.report("C115", r.by, r.nameField(name), "%q is covered by %q", name, wildcard)
		}
	}
}

// takenKey names a key, and reports whether Let's Encrypt signs it.
func takenKey(k *cm.CertificatePrivateKey) (string, bool) {
	if k == nil {
		return "", true
	}
	switch k.Algorithm {
	case cm.Ed25519KeyAlgorithm:
		return "Ed25519 key", false
	case cm.ECDSAKeyAlgorithm:
		return "ECDSA key on P-521", k.Size != 521
	}
	return "RSA key of " + phrase.Count(k.Size, "bit"), k.Size == 0 || slices.Contains([]int{2048, 3072, 4096}, k.Size)
}
