// Package certificates is what the trust commands share: the flags of those that
// read CA certificates, and how certificates look in tables and as JSON. It is no
// command, and it reads nothing by itself.
package certificates
