package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
)

// Commands are the command lines that do something, without their flags.
func Commands() []string {
	var paths []string
	var walk func(cmd *cobra.Command, path string)
	walk = func(cmd *cobra.Command, path string) {
		if cmd.Runnable() && len(cmd.Commands()) == 0 {
			paths = append(paths, path)
		}
		for _, sub := range cmd.Commands() {
			next := sub.Name()
			if path != "" {
				next = path + " " + next
			}
			walk(sub, next)
		}
	}
	walk(newRootCmd(&cmdutil.Factory{}, "kubectl certs"), "")
	return paths
}

// Short describes the program in one line.
func Short() string { return newRootCmd(&cmdutil.Factory{}, "kubectl certs").Short }
