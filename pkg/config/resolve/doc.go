// Package resolve answers what takes the whole of a certs.yaml: which issuer a
// name means, how a host is proved, which objects carry its routes and whether
// it needs a Certificate of its own. It finds no fault with the file and plans
// no objects.
package resolve
