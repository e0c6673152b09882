// Package usage finds the Secrets, issuers and workloads of a cluster that need
// a CA, and compares the CA bundles in a cluster with the desired ones. It never
// reads a cluster, a file or the clock, and holds no private key.
package usage
