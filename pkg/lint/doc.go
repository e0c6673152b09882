// Package lint checks manifests before they are applied. It finds what
// cert-manager, ACME CAs and controllers reject or ignore, what should not be in
// Git, and problems of CA certificates. It never reads files, clusters or the
// clock, and never shows the content of Secrets.
package lint
