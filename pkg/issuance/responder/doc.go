// Package responder answers HTTP-01 and TLS-ALPN-01 challenges for the hosts that an account
// may validate. It does not order certificates and has no private key of an account.
package responder
