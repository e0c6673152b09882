// Package resolve looks up what depends on the whole of a certs.yaml: the
// issuer of a name, the solver of a host, the objects for its routes, and
// whether it needs a Certificate object. It does not check the file or plan
// objects.
package resolve
