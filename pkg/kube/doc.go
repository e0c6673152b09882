// Package kube is a client for the API server of a cluster, with REST mapping,
// paging and readable errors. It does not depend on the meaning of the objects.
//
// It pages itself, because the pager of client-go either keeps all pages or fails if
// a continue token expires.
package kube
