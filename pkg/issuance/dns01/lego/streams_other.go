//go:build !unix

package lego

import "os"

// takeStreams takes the standard input and output away from the providers. What
// they print goes to the standard error, and they can read nothing.
func takeStreams() (in, out *os.File, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	in, out = os.Stdin, os.Stdout
	os.Stdin, os.Stdout = null, os.Stderr
	return in, out, nil
}
