// Package source reads CA certificates from files, folders, globs, stdin and TLS
// servers. It never decides which of them are trusted, and it never writes.
package source
