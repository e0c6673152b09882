// Package responder answers HTTP-01 and TLS-ALPN-01 challenges, for the hosts that
// an account may answer for. It does not order certificates, and holds no private
// key of an account.
package responder
