// Package routes finds the namespaces that route a host: those of the
// Ingresses, VirtualServers, VirtualServerRoutes, Gateways, ListenerSets and
// HTTPRoutes that name it. It does not read a cluster, or check that a
// controller serves a route.
package routes
