package iostreams

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// IO are the streams of a command. Out is for results, Err for messages. Both may
// be written to by several goroutines at once.
type IO struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// Color reports whether Out may be coloured, and Progress whether Err is a
	// terminal, on which a line can be replaced.
	Color, Progress bool
	// Width is that of the terminal that Out is, 0 if it is not one.
	Width int

	messages *messages // Err, where progress is shown
}

// System returns the streams of this process.
func System() IO {
	capable := os.Getenv("TERM") != "dumb"
	width := 0
	if columns, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && capable {
		width = columns
	}
	return IO{
		Width: width,
		In:    os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Color:    capable && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(os.Stdout.Fd())),
		Progress: capable && term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// Safe returns streams that escape what could control a terminal, and that are
// locked: a message and a line of progress do not mix. flush writes the last
// bytes, at most an incomplete character.
//
// Lines that are printed with Printf and Messagef are escaped there too; this is
// for errors of other packages and the like.
func (s IO) Safe() (safe IO, flush func()) {
	out := &locked{w: printable.NewWriter(s.Out, sequences...)}
	s.messages = &messages{w: printable.NewWriter(s.Err, append(sequences, ClearLine)...)}
	s.Out, s.Err = out, s.messages
	return s, func() {
		out.flush()
		s.messages.flush()
	}
}

// Messagef writes a line to Err.
func (s IO) Messagef(format string, args ...any) {
	fmt.Fprintln(s.Err, printable.Line(fmt.Sprintf(format, args...)))
}

// Printf writes a line to Out.
func (s IO) Printf(format string, args ...any) {
	fmt.Fprintln(s.Out, printable.Line(fmt.Sprintf(format, args...)))
}
