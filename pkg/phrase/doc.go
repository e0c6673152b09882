// Package phrase formats counts, lists and times as short English phrases. It does
// not format whole sentences.
package phrase
