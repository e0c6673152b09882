// Package cabundle reads CA certificates in all common formats, checks them, and
// writes them in the formats that clients need. It never reads files, the network
// or the clock, and never keeps or shows a private key.
package cabundle
