package cli

import "github.com/spf13/cobra"

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
	walk(newRootCmd(Env{}, "kubectl certs"), "")
	return paths
}
