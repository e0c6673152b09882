//go:build !unix

package lego

import "os"

// takeStreams hides standard input and output from providers: what they print goes to standard
// error, and they read nothing.
func takeStreams() (in, out *os.File, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	in, out = os.Stdin, os.Stdout
	os.Stdin, os.Stdout = null, os.Stderr
	return in, out, nil
}
