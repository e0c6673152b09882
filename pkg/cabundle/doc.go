// Package cabundle reads CA certificates in all common formats, checks them, and
// writes them in the formats that clients need. It never reads files, the network
// or the clock, and never keeps or shows a private key.
//
// It reads some formats itself that have libraries. keystore-go allocates any length
// in a damaged JKS, up to 4 GiB. go-pkcs12 opens a trust store of Java, with marked
// certificates, or one key with its chain: the output of openssl pkcs12 -nokeys is
// neither, nor is a store with many keys. smallstep/pkcs7 (v0.2.3) parses all of a
// message and BER, but nests without a limit, so 4 MB of 30 80 crash the process with
// a stack overflow; it also rejects a whole message for one malformed certificate,
// which is a finding here.
package cabundle
