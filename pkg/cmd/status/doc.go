// Package status shows the state of the requested certificates. It asks no CA
// and changes nothing.
package status
