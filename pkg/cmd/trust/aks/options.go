package aks

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/aks"
)

// Options are the input of a command.
type Options struct {
	IO      iostreams.IO
	Limits  *limits.Budget
	Output  *output.Flags
	Program string // as it was called, for what a text proposes
	Now     time.Time

	Request aks.Request // with the name of the file, which Run reads
	Allow   []string    // IDs of findings to accept
}

// NewCmd returns the command that holds one for each action. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	cmd := &cobra.Command{
		Use:   "aks",
		Short: "Print the az commands that make AKS nodes trust CAs",
		Long: "Print the az commands that make AKS nodes trust CAs. Nothing is run. The file is\n" +
			"checked first, because AKS is strict:\n\n" +
			"- At most 10 certificates, as PEM with LF and one blank line between them.\n" +
			"  kubectl certs trust bundle --target aks writes such a file. Otherwise az says\n" +
			"  \"failed to decode one of SecurityProfile.CustomCATrustCertificates to PEM\".\n" +
			"- One set for a whole cluster, Linux nodes only. An update replaces all nodes.\n" +
			"- Nodes trust the CAs, containers do not: mount the bundle in pods too.\n" +
			"- No trust after the update? On the node: systemctl restart containerd.\n\n" +
			"enable and update print the same commands; AKS has one option for both. The\n" +
			"preview (--enable-custom-ca-trust) was retired on " + aks.RetiredOn + ";\n" +
			"--preview prints its commands.",
	}
	help.Group(cmd)
	for _, action := range aks.Actions {
		cmd.AddCommand(newActionCmd(newOptions(f, action), run))
	}
	return cmd
}

func newOptions(f *cmdutil.Factory, action aks.Action) *Options {
	return &Options{IO: f.IO, Limits: f.Limits, Output: output.ForData(), Now: time.Now(), Request: aks.Request{Action: action}}
}

// short says what each action is about.
var short = map[aks.Action]string{
	aks.Create:         "Print the commands for a new cluster that trusts the CAs",
	aks.Update:         "Print the commands to replace the CAs of a cluster",
	aks.NodepoolAdd:    "Print the command for a new node pool",
	aks.NodepoolUpdate: "Print the commands to update the CAs of a node pool",
	aks.Enable:         "Print the commands to enable custom CAs",
	aks.Disable:        "Print the commands to disable the retired preview on a pool",
}

func newActionCmd(o *Options, run func(context.Context, *Options) error) *cobra.Command {
	r := &o.Request
	cmd := &cobra.Command{
		Use:     string(r.Action) + " [flags] [-- AZ-ARGUMENTS]",
		Short:   short[r.Action],
		Long:    short[r.Action] + ". Nothing is run.\nArguments after -- are passed to az.\n\nExit codes: 0 printed, 1 the file has errors, 2 failed.",
		Example: example(r.Action),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.ArgsLenAtDash() != 0 && len(args) > 0 {
				return hint.With(fmt.Errorf("unexpected argument %q", args[0]), "arguments for az go after --")
			}
			o.Program = cmd.Root().DisplayName()
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&r.ResourceGroup, "resource-group", "g", "", "resource group of the cluster")
	flags.StringVar(&r.Name, "name", "", "name of the cluster")
	reads := "resource-group name preview"
	switch {
	case r.NeedsNodepool():
		reads += " nodepool"
	case r.Action == aks.Enable:
		help.Modes(cmd, help.Mode{If: "preview", Reads: "nodepool"})
	}
	if r.NeedsNodepool() || r.Action == aks.Enable {
		flags.StringVar(&r.Nodepool, "nodepool", "", "name of the node pool")
	}
	if r.Action.NeedsFile() {
		reads += " ca-file allow"
		flags.StringVar(&r.File, "ca-file", "", "file with the CA certificates, which az reads")
		flags.StringSliceVar(&o.Allow, "allow", nil, "accept these findings, such as T001,T004")
	}
	flags.BoolVar(&r.Preview, "preview", false, "print the commands of the preview, which was retired on "+aks.RetiredOn)
	o.Output.AddTo(cmd)
	help.Modes(cmd, help.Mode{Reads: reads})
	return cmd
}

func example(action aks.Action) string {
	text := "  kubectl certs trust aks " + string(action) + " -g rg --name cluster \\\n    "
	if (aks.Request{Action: action}).NeedsNodepool() {
		text += "--nodepool np1 "
	}
	if action.NeedsFile() {
		text += "--ca-file roots.pem "
	}
	return text + "-o yaml\n" + text + "| sh"
}

// complete takes the arguments for az, and refuses what is wrong about the flags.
func (o *Options) complete(extra []string) error {
	if err := o.Output.Validate(); err != nil {
		return err
	}
	o.Request.Extra = extra
	if wrong := o.Request.Check(); len(wrong) > 0 {
		return problem.List(wrong)
	}
	return certificates.ValidateAllow(o.Allow)
}
