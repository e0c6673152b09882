package iostreams

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

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
	// Interactive reports whether a person can answer a question: In and Err are
	// a terminal.
	Interactive bool
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
		Color:       capable && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(os.Stdout.Fd())),
		Progress:    capable && term.IsTerminal(int(os.Stderr.Fd())),
		Interactive: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// Safe returns streams that escape what could control a terminal, and that are
// locked: a message and a line of progress do not mix. flush writes the last
// bytes, at most an incomplete character.
//
// Lines that are printed with Printf and Messagef are escaped there too; this is
// for errors of other packages and the like.
func (s IO) Safe() (safe IO, flush func()) {
	out := printable.NewWriter(s.Out, sequences...)
	s.messages = &messages{w: printable.NewWriter(s.Err, append(sequences, ClearLine)...)}
	s.Out, s.Err = out, s.messages
	return s, func() {
		_ = out.Flush() // the writer below keeps its errors
		s.messages.flush()
	}
}

// Confirm asks a question on Err and returns whether the answer on In is y or
// yes. It does not wait for an answer after the end of the context.
func (s IO) Confirm(ctx context.Context, question string) bool {
	fmt.Fprintf(s.Err, "%s [y/N]: ", printable.Line(question))
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.In).ReadString('\n') // an incomplete line is not a yes
		answer <- line
	}()
	select {
	case line := <-answer:
		line = strings.ToLower(strings.TrimSpace(line))
		return line == "y" || line == "yes"
	case <-ctx.Done():
		return false
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
