// Package cabundle reads CA certificates in all common formats, checks them, and
// writes them in the formats that consumers need. It does not read files, the
// network or the clock, and never keeps or shows a private key.
package cabundle
