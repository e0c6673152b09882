// Package routes tells which namespaces route a host: those of the Ingresses,
// VirtualServers, VirtualServerRoutes, Gateways, ListenerSets and HTTPRoutes
// that name it. It reads objects as values; it does not talk to a cluster, and
// does not check that a controller serves a route.
package routes
