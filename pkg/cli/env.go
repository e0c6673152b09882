package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Env is the factory as the commands here know it.
type Env struct {
	In              io.Reader
	Out, Err        io.Writer
	Version         string
	Limits          *limits.Budget
	Color, Progress bool
	factory         *cmdutil.Factory
}

// Commands returns the commands that have no package of their own yet.
func Commands(f *cmdutil.Factory) []*cobra.Command {
	env, config := newEnv(f), f.Config
	commands := []*cobra.Command{}
	for _, c := range commands {
		offerCommon(c)
	}
	return commands
}

// TrustCommands returns the commands of trust that have no package of their own
// yet.
func TrustCommands(f *cmdutil.Factory) []*cobra.Command {
	env := newEnv(f)
	commands := []*cobra.Command{}
	for _, c := range commands {
		offerCommon(c)
	}
	return commands
}

func newEnv(f *cmdutil.Factory) Env {
	return Env{f.IO.In, f.IO.Out, f.IO.Err, f.Version, f.Limits, f.IO.Color, f.IO.Progress, f}
}

var (
	errFound = cmdutil.ErrFound
	oneOf    = cmdutil.OneOf
	cells    = iostreams.Cells
	red      = iostreams.Red
	green    = iostreams.Green
	yellow   = iostreams.Yellow
	grey     = iostreams.Grey
	group    = cmdutil.Group
	offer    = cmdutil.Offer
)

func (e Env) say(format string, args ...any)           { e.factory.IO.Messagef(format, args...) }
func (e Env) note(note string)                         { e.say("note: %s", note) }
func (e Env) print(format string, args ...any)         { e.factory.IO.Printf(format, args...) }
func (e Env) progress(what string) func()              { return e.factory.IO.Progressing(what) }
func (e Env) in(c iostreams.Color, text string) string { return e.factory.IO.Paint(c, text) }
func (e Env) willWrite(yet bool)                       { e.factory.Process.SetUnwritten(yet) }
func (e Env) writeFiles(f func() error) error          { return e.factory.Process.WriteFiles(f) }

func withHint(err error, text string) error { return hint.With(err, text) }
