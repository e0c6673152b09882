// Package http01 answers HTTP-01 challenges by a pod, a Service and a route for
// each, as cert-manager does. It does not answer requests itself: package responder
// does.
package http01
