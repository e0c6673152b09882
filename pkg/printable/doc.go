// Package printable escapes what could control a terminal: control characters,
// bidirectional controls and invisible characters. It does not decide about layout
// or colour.
package printable
