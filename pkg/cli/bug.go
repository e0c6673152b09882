package cli

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

const issuesURL = "https://github.com/kubectl-certs/kubectl-certs/issues"

// reportBug says that a command panicked and how to report it. Neither the
// arguments nor a value that may come from a file are shown.
func reportBug(env Env, root *cobra.Command, args []string, bug *panics.Error) {
	cmd, _, err := root.Find(args)
	if err != nil {
		cmd = root
	}
	version := cmp.Or(buildInfo(env.Version).Version, "(unknown)")
	env.say("error: internal error in %s, version %s: %v", cmd.CommandPath(), version, bug)
	level, _ := root.PersistentFlags().GetInt(verbosityFlag)
	if level > 0 {
		env.say("%s", bug.Stack)
		env.say("hint: this is a bug; report it at %s with the lines above", issuesURL)
		return
	}
	env.say("hint: this is a bug; run the command again with -v=1 for a stack trace, and report it at %s", issuesURL)
}

// verbosityFlag is kubectl's --v.
const verbosityFlag = "v"
