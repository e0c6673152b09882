// Package phrase formats counts and lists as short English phrases. It does not
// format whole sentences.
package phrase
