// Package zone is the lab's DNS: a server that answers for every name, whose
// records are set over HTTP and by RFC 2136 updates. It never asks another
// server.
package zone
