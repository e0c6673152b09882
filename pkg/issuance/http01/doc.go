// Package http01 answers HTTP-01 challenges with a pod, a Service and a route for each
// challenge, as cert-manager does. The answers to requests come from the pod or from package
// responder.
package http01
