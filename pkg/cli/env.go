package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
	"k8s.io/klog/v2"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Env is the world of a command, save for its flags.
type Env struct {
	In  io.Reader
	Out io.Writer // the product
	Err io.Writer // talk

	Version string
	// Limits is what the command may still read; Main sets it.
	Limits *limits.Budget
	// Color reports whether Out may be coloured; Progress whether Err is a
	// terminal, on which lines come and go.
	Color, Progress bool

	ending *ending // nil where Main does not wait for the command
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

// say writes one line of talk.
func (e Env) say(format string, args ...any) {
	fmt.Fprintln(e.Err, printable.Line(fmt.Sprintf(format, args...)))
}

// note writes one line on what the user may not expect.
func (e Env) note(text string) { e.say("note: %s", text) }

// print writes one line of the product.
func (e Env) print(format string, args ...any) {
	fmt.Fprintln(e.Out, printable.Line(fmt.Sprintf(format, args...)))
}

// cells returns a line of a table, or the beginning of one.
func cells(texts ...string) string {
	escaped := make([]string, len(texts))
	for i, text := range texts {
		escaped[i] = printable.Line(text)
	}
	return strings.Join(escaped, "\t")
}

// colors are the sequences that our output may hold.
var colors = []string{"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[90m"}

// clearLine is how a line of progress is taken back.
const clearLine = "\r\x1b[K"

// escaped returns an Env that escapes unsafe characters in all that is written,
// and a function that writes the last of it. What is printed is escaped where it
// is put into a line too; this is for errors of other packages and the like.
func (e Env) escaped() (Env, func()) {
	out, talk := printable.NewWriter(e.Out, colors...), printable.NewWriter(e.Err, append(slices.Clone(colors), clearLine)...)
	e.Out, e.Err = out, talk
	return e, func() {
		_ = out.Flush() // at most the begin of a character
		_ = talk.Flush()
	}
}

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
