package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// kubectlCompletion is what kubectl runs to complete a plugin: an executable
// named kubectl_complete-NAME on the PATH.
const kubectlCompletion = `#!/bin/sh
# Put this on the PATH as %s, executable.
exec %s __complete "$@"
`

func newCompletionCmd(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "completion {bash|zsh|fish|powershell|kubectl}",
		Short: "Print a completion script for a shell, or for kubectl",
		Long: "Print a completion script for a shell. The kubectl form makes \"kubectl certs <TAB>\"\n" +
			"work: kubectl runs it whenever it completes the plugin.",
		Example: "  kubectl certs completion kubectl > ~/.local/bin/kubectl_complete-certs\n" +
			"  chmod +x ~/.local/bin/kubectl_complete-certs",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell", "kubectl"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(env.Out, true)
			case "zsh":
				return root.GenZshCompletion(env.Out)
			case "fish":
				return root.GenFishCompletion(env.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(env.Out)
			}
			_, err := fmt.Fprintf(env.Out, kubectlCompletion, "kubectl_complete-certs", root.Name())
			return err
		},
	}
}

// offer completes a flag by words, each with what it means behind a tab.
func offer(cmd *cobra.Command, flag string, words ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}

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
