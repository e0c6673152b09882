// Package watch lists and watches the objects that request certificates, their issuers and
// their Secrets. It implements issuance.Source. It writes nothing to the cluster.
package watch
