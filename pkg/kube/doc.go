// Package kube talks to the API server of a cluster: a client, REST mapping,
// paging, and errors in words. It does not know what the objects are for.
package kube
