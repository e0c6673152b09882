package help

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// instead is the prefix of the annotations of a command that say which flag of it
// is meant by one of kubectl's that it does not have.
const instead = "instead-of-flag-"

// Instead names what to use in place of a flag that a command does not have, but
// that users of kubectl expect: its name, or the letter of its short form.
func Instead(cmd *cobra.Command, flag, text string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[instead+flag] = text
}

// FlagError adds a hint to an error about flags: what to use instead, the flag
// that was probably meant, or where the flags are listed.
func FlagError(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return hint.With(err, "see "+cmd.CommandPath()+" --help")
	}
	name := unknown.GetSpecifiedName()
	if text := cmd.Annotations[instead+name]; text != "" {
		return hint.With(err, text)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	word := name
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		word = short // -watch for --watch
	}
	if nearest := hint.Nearest(word, names); nearest != "" && len(word) > 1 {
		return hint.With(err, "did you mean --"+nearest+"?")
	}
	return hint.With(err, "see "+cmd.CommandPath()+" --help")
}
