package plan

import (
	"maps"
	"slices"
)

// ofLocations are the annotations of NGINX Ingress Controller that only work on
// a minion: those that it takes off a master (internal/configs/annotations.go,
// masterDenylist), and those that it reads for locations, of which a master has
// none, without handing them on to minions (minionInheritanceList there).
// Whatever it takes off a minion (minionDenylist) is not among them.
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

// splitAnnotations puts every annotation of a host where it works: on its
// master, from which minions inherit some, or on its minion.
func splitAnnotations(all map[string]string) (master, minion map[string]string) {
	minion = maps.Clone(all)
	maps.DeleteFunc(minion, func(key, _ string) bool { return !slices.Contains(ofLocations, key) })
	master = maps.Clone(all)
	maps.DeleteFunc(master, func(key, _ string) bool { return slices.Contains(ofLocations, key) })
	return master, minion
}
