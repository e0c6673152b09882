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

// The colours of words, each of two digits, so that columns stay in line.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	grey   = "90"
)

// in returns a text in a colour where the terminal has some.
func (e Env) in(color, text string) string {
	if !e.Color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
