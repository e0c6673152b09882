package help

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// FlagError adds a hint to an error about flags: what to use instead, the flag
// that was probably meant, or where the flags are listed.
func FlagError(cmd *cobra.Command, err error) error {
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok && missing.GetFlag().Name == "v" {
		return hint.With(err, "-v takes a number, such as -v 6; for the version: "+typed(cmd.Root())+" --version")
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return hint.With(err, "see "+cmd.CommandPath()+" --help")
	}
	name, short := unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames()
	if text := insteadOf(cmd, name); text != "" && cmd.Flags().Lookup(short) == nil {
		return hint.With(err, text)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	word := name
	if short != "" {
		word = short // -watch for --watch
	}
	if nearest := hint.Nearest(word, names); nearest != "" && len(word) > 1 {
		return hint.With(err, "did you mean --"+nearest+"?")
	}
	return hint.With(err, "see "+cmd.CommandPath()+" --help")
}
