// Package operator assembles what issuance needs in a cluster: accounts, solvers, leader
// election, servers, Events, metrics and shards. It makes no decisions about certificates,
// reads no flags and prints nothing.
package operator
