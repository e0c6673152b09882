// Package routes finds out which namespaces route a host: those of the Ingresses,
// VirtualServers, VirtualServerRoutes, Gateways, ListenerSets and HTTPRoutes that
// name it. It does not read a cluster, and does not check that a controller serves
// a route.
package routes
