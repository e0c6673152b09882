// Package ratelimit has the published rate limits of CAs and counts orders against them. It
// does not defer or place orders.
package ratelimit
