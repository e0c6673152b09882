package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// offerCommon completes the flags that mean the same wherever they are.
func offerCommon(cmd *cobra.Command) {
	if cmd.Flag("color") != nil {
		offer(cmd, "color", "auto", "always", "never")
	}
	if cmd.Flag("environment") != nil {
		must(cmd.RegisterFlagCompletionFunc("environment", completeEnvironments))
	}
	for _, sub := range cmd.Commands() {
		offerCommon(sub)
	}
}

// completeEnvironments offers the environments of the certs.yaml that -f names.
func completeEnvironments(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	file := cmd.Flag("filename").Value.String()
	data, err := readFile(file, cmd.Flags().Changed("filename"))
	doc, err := parseSpec(nil, file, data, err)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return project.EnvironmentNames(doc), cobra.ShellCompDirectiveNoFileComp
}

// must panics where a flag is completed that is not there.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
