package v1alpha1

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// The names of the objects that an exposed host becomes. They are made here so
// that two objects of one name are found before anything is planned.

// HostName names the object of the i-th host, where each has one of its own:
// the first has the plain name.
func (e *Expose) HostName(i int) string {
	if i == 0 {
		return e.Name
	}
	return e.Name + "-" + slug(e.Hosts[i])
}

// MinionName names the minion of a mergeable Ingress, whose master has the
// plain name of the host.
func (e *Expose) MinionName(i int) string { return e.HostName(i) + "-routes" }

// RedirectName names the HTTPRoute that sends plain HTTP to https.
func (e *Expose) RedirectName() string { return e.Name + "-redirect" }

// slug makes a host fit for a name: a wildcard's star becomes a word.
func slug(host string) string {
	return strings.ReplaceAll(strings.Replace(host, "*", "wildcard", 1), ".", "-")
}

// PlainListener is the name of a Gateway's listener for plain HTTP.
const PlainListener = "http"

// ListenerName names a Gateway's listener for a host: the host itself. The few
// hosts that would then share a name with the listener of plain HTTP or of a
// wildcard get a prefix, and so do those that look like them.
func ListenerName(host string) string {
	if domain, wildcard := strings.CutPrefix(host, "*."); wildcard {
		return "wildcard." + domain
	}
	if host == PlainListener || strings.HasPrefix(host, "wildcard.") || strings.HasPrefix(host, "host-") {
		return "host-" + host
	}
	return host
}

// maxStaticName is what NGINX Ingress Controller takes of the name of a
// VirtualServerRoute in a VirtualServer.
const maxStaticName = 63

// StaticName names the permanent route for the challenges of the i-th host.
// It is in the responder's namespace together with those of all others, so the
// namespace of the host is in the name; no namespace has a dot in it. A name
// that is too long ends in a hash of itself.
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
