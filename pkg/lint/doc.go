// Package lint judges manifests before anybody applies them: what they ask
// cert-manager, ACME CAs and controllers for and will not get, what is in Git
// that should not be, and the CA certificates in them. It never reads a file,
// the cluster or the clock, and never shows what is in a Secret.
package lint
