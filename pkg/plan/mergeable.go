package plan

import (
	"maps"
	"slices"
)

// ofLocations are the annotations of NGINX Ingress Controller that work only on
// a minion: those that it removes from a master
// (internal/configs/annotations.go, masterDenylist), and those for locations,
// which a master does not have and minions do not inherit
// (minionInheritanceList there). Those that it removes from a minion
// (minionDenylist) are not among them.
var ofLocations = []string{
	"nginx.com/health-checks",
	"nginx.com/health-checks-mandatory",
	"nginx.com/health-checks-mandatory-queue",
	"nginx.com/sticky-cookie-services",
	"nginx.org/grpc-services",
	"nginx.org/rewrites",
	"nginx.org/ssl-services",
	"nginx.org/sticky-cookie-services",
	"nginx.org/use-cluster-ip",
	"nginx.org/websocket-services",

	"nginx.org/client-body-buffer-size",
	"nginx.org/path-regex",
	"nginx.org/proxy-next-upstream",
	"nginx.org/proxy-next-upstream-timeout",
	"nginx.org/proxy-next-upstream-tries",
	"nginx.org/rewrite-target",
}

// splitAnnotations splits the annotations of a host into those for its master,
// from which minions inherit some, and those for its minion.
func splitAnnotations(all map[string]string) (master, minion map[string]string) {
	minion = maps.Clone(all)
	maps.DeleteFunc(minion, func(key, _ string) bool { return !slices.Contains(ofLocations, key) })
	master = maps.Clone(all)
	maps.DeleteFunc(master, func(key, _ string) bool { return slices.Contains(ofLocations, key) })
	return master, minion
}
