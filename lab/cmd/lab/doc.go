// Command lab runs real servers to test against, on loopback: kube-apiserver,
// etcd, Pebble and a DNS server. See lab up --help.
package main
