// Package certificates is what the trust commands share: how they read and check
// CA certificates, and how these look in tables and as JSON. It has no command of its own.
package certificates
