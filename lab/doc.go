// Package lab runs an API server with its etcd, an ACME server and a DNS
// server on loopback ports, from one folder. It never listens on anything
// else, and leaves no process behind.
package lab
