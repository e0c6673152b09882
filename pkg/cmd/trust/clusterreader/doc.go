// Package clusterreader makes the reader of the cluster that kubectl's flags name,
// for the trust commands that look there for CA certificates. It has no
// command of its own, and sends no request by itself.
package clusterreader
