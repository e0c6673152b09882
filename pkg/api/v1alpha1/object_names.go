package v1alpha1

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// The names of the objects for an exposed host. They are computed here so that
// duplicates are found before planning.

// HostName names the object of the i-th host, if each host has its own: the
// first has the plain name.
func (e *Expose) HostName(i int) string {
	if i == 0 {
		return e.Name
	}
	return e.Name + "-" + slug(e.Hosts[i])
}

// MinionName names the minion of a mergeable Ingress. Its master has the plain
// name.
func (e *Expose) MinionName(i int) string { return e.HostName(i) + "-routes" }

// RedirectName names the HTTPRoute that redirects plain HTTP to HTTPS.
func (e *Expose) RedirectName() string { return e.Name + "-redirect" }

// slug converts a host to a form that is valid in an object name.
func slug(host string) string {
	return strings.ReplaceAll(strings.Replace(host, "*", "wildcard", 1), ".", "-")
}

// PlainListener is the name of a Gateway's listener for plain HTTP.
const PlainListener = "http"

// ListenerName names a Gateway's listener for a host: the host itself. Hosts
// that would share a name with the listener of plain HTTP or of a wildcard get
// a prefix, as do hosts that start with it.
func ListenerName(host string) string {
	if domain, wildcard := strings.CutPrefix(host, "*."); wildcard {
		return "wildcard." + domain
	}
	if host == PlainListener || strings.HasPrefix(host, "wildcard.") || strings.HasPrefix(host, "host-") {
		return "host-" + host
	}
	return host
}

// maxStaticName is NGINX Ingress Controller's limit for the name of a
// VirtualServerRoute in a VirtualServer.
const maxStaticName = 63

// StaticName names the static challenge route of the i-th host. All of them are
// in the responder's namespace, so the name includes the namespace of the host,
// which never has a dot. A name that is too long is cut off and ends in its
// hash.
func (e *Expose) StaticName(i int) string {
	name := e.HostName(i)
	if e.Namespace != "" {
		name = e.Namespace + "." + name
	}
	if len(name) <= maxStaticName {
		return name
	}
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))[:8]
	return strings.TrimRight(name[:maxStaticName-len("-")-len(hash)], "-.") + "-" + hash
}
