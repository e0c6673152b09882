// Package printable makes text of others safe to show: control characters,
// bidirectional controls and invisible characters become escapes. It decides
// nothing about layout or colour.
package printable
