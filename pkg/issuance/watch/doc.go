// Package watch reads and follows the objects that request certificates, their
// issuers and their Secrets: it is the issuance engine's Source. It writes nothing to
// the cluster.
package watch
