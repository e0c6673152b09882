// Package ratelimit has the published rate limits of CAs and counts what orders
// take of them. It does not limit, wait or order anything itself.
package ratelimit
