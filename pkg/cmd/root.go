package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/completion"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/dnsprovider"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/generate"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/options"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/renew"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/run"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/status"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/version"
)

func newRootCmd(f *cmdutil.Factory, name string) *cobra.Command {
	f.Config = genericclioptions.NewConfigFlags(true)
	root := &cobra.Command{
		Use:   "kubectl-certs",
		Short: "Manage TLS certificates on Kubernetes",
		Long: "Manage TLS certificates on Kubernetes. List hosts and issuers in certs.yaml;\n" +
			"generate a Kustomize tree for Argo CD, Flux or kubectl apply -k; then issue,\n" +
			"renew and check the certificates.",
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: name},
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetIn(f.IO.In)
	root.SetOut(f.IO.Out)
	root.SetErr(f.IO.Err)
	f.Config.AddFlags(root.PersistentFlags())
	addVerbosity(f, root)
	root.SetFlagErrorFunc(help.FlagError)
	root.SetHelpCommand(help.NewCmd())
	help.Group(root)
	root.AddCommand(
		run.NewCmd(f, nil),
		renew.NewCmd(f, nil),
		status.NewCmd(f, nil),
		lint.NewCmd(f, nil),
		trust.NewCmd(f),
		generate.NewCmd(f, nil),
		diff.NewCmd(f, nil),
		apply.NewCmd(f, nil),
		schema.NewCmd(f),
		dnsprovider.NewCmd(),
		completion.NewCmd(f),
		options.NewCmd(f),
		version.NewCmd(f, nil),
	)
	help.CompleteKubectl(f, root)
	root.Version = version.Of(f.Version).String()
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetUsageFunc(help.Usage)
	nameExamples(root, name)
	return root
}

// nameExamples makes examples read as the program was called.
func nameExamples(cmd *cobra.Command, name string) {
	cmd.Example = strings.ReplaceAll(cmd.Example, "kubectl certs", name)
	cmd.Long = strings.ReplaceAll(cmd.Long, "kubectl certs", name)
	for _, sub := range cmd.Commands() {
		nameExamples(sub, name)
	}
}
