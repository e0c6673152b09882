// Package lint checks manifests before they are applied: what cert-manager, ACME
// CAs and controllers would refuse or ignore, what should not be in Git, and CA
// certificates. It does not read files, clusters or the clock, and does not show
// the content of Secrets.
package lint
