package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
	"k8s.io/klog/v2"
)

// Env is the world of a command, save for its flags.
type Env struct {
	In  io.Reader
	Out io.Writer // the product
	Err io.Writer // talk

	Version string
	// Color reports whether Out may be coloured; Progress whether Err is a
	// terminal, on which lines come and go.
	Color, Progress bool
}

// System is the world of this process, in which it keeps client-go from logging
// what it also returns: an error is told once.
func System(version string) Env {
	klog.SetLogger(klog.Logger{})
	capable := os.Getenv("TERM") != "dumb"
	return Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Version:  version,
		Color:    capable && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(os.Stdout.Fd())),
		Progress: capable && term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// say writes a line of talk.
func (e Env) say(format string, args ...any) { fmt.Fprintf(e.Err, format+"\n", args...) }
