// Package watch lists and watches the objects that request certificates, their issuers and
// their Secrets. It implements issuance.Source. It writes nothing to the cluster.
//
// Reflectors fill a store of its own, not the informers of client-go: these queue changes without
// a limit until they are handled, and keep each object, or its summary, beside the index. 10,000
// TLS Secrets take 12 MiB, with informers of the same summaries 16 MiB, and with informers of whole
// Secrets 28 MiB (BenchmarkSecrets).
package watch
