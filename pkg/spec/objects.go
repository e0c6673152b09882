package spec

import "strings"

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

// routeObjects calls yield with the name of every object that carries routes of
// e, and the host it is for, -1 for all of them.
func (x *Index) routeObjects(e *Expose, yield func(name string, host int)) {
	mergeable := e.As == Ingress && x.Style(e).Mode == Mergeable
	if !mergeable && e.As != VirtualServer {
		yield(e.Name, -1)
		if e.As == HTTPRoute && e.Redirect != nil && *e.Redirect {
			yield(e.RedirectName(), -1)
		}
		return
	}
	for i := range e.Hosts {
		yield(e.HostName(i), i)
		if mergeable {
			yield(e.MinionName(i), i)
		}
	}
}
