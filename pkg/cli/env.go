package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Env is the world of a command, save for its flags.
type Env struct {
	In  io.Reader
	Out io.Writer // the product
	Err io.Writer // talk

	Version string
	// Terminal reports whether Out is one; Color whether it may be coloured.
	Terminal, Color bool
}

// System is the world of this process.
func System(version string) Env {
	terminal := term.IsTerminal(int(os.Stdout.Fd()))
	return Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Version:  version,
		Terminal: terminal,
		Color:    terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
}

// say writes a line of talk.
func (e Env) say(format string, args ...any) { fmt.Fprintf(e.Err, format+"\n", args...) }
