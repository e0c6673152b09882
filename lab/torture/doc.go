// Command torture runs the real binary on hostile input and checks what must
// hold after every run. It runs for minutes and is not part of the tests; see
// make torture.
//
// Each case follows from a seed, which a violation prints: the flags -only
// and -case repeat it.
package main
