package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/aks"
)

type trustAzFlags struct {
	action                              aks.Action
	resourceGroup, name, nodepool, file string
	output                              string
	allow                               []string
	retired                             bool
	program                             string // as it was called
}

// azShort says what each action is about.
var azShort = map[aks.Action]string{
	aks.Create:         "Print the commands for a new cluster whose nodes trust the CAs",
	aks.Update:         "Print the commands that give an existing cluster other CAs",
	aks.NodepoolAdd:    "Print the command for a new pool, which trusts what its cluster does",
	aks.NodepoolUpdate: "Print the commands that give the nodes of a pool other CAs",
	aks.Enable:         "Print the commands to start with custom CAs",
	aks.Disable:        "Print the commands that take the retired preview off a pool",
}

func newTrustAzCmd(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "az",
		Short: "Print the az commands that make AKS nodes trust CAs",
		Long: "Print the az commands that make AKS nodes trust CAs, for reading, pasting or piping\n" +
			"into sh. Nothing is run. The file is judged first, since az and AKS are strict:\n\n" +
			"- At most 10 certificates in PEM, LF, one blank line between, nothing else. Anything\n" +
			"  else, base64 of PEM among it, ends in \"failed to decode one of\n" +
			"  SecurityProfile.CustomCATrustCertificates to PEM after base64 decoding\".\n" +
			"  kubectl certs trust bundle --target aks writes it right.\n" +
			"- One set for the whole cluster, Linux nodes only. An update replaces every node.\n" +
			"- Nodes trust the CAs, containers in pods do not: give those the bundle too.\n" +
			"- No trust after the update? On the node: systemctl restart containerd.\n\n" +
			"The preview with --enable-custom-ca-trust and Secret kube-system/custom-ca-trust-secret\n" +
			"retired on " + aks.RetiredOn + "; --retired prints its commands, for reading old scripts.",
	}
	group(cmd)
	for _, action := range aks.Actions {
		cmd.AddCommand(newTrustAzActionCmd(env, action))
	}
	return cmd
}

func newTrustAzActionCmd(env Env, action aks.Action) *cobra.Command {
	f := trustAzFlags{action: action}
	cmd := &cobra.Command{
		Use:     string(action) + " [flags] [-- AZ-ARGUMENTS]",
		Short:   azShort[action],
		Long:    azShort[action] + ". Nothing is run; what is behind -- is handed on to az.\n\nExit codes: 0 printed, 1 the file has errors, 2 failed.",
		Example: azExample(action),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noNamespace(cmd); err != nil {
				return err
			}
			if cmd.ArgsLenAtDash() != 0 && len(args) > 0 {
				return withHint(fmt.Errorf("unexpected argument %q", args[0]), "arguments for az go behind --")
			}
			f.program = cmd.Root().DisplayName()
			in, err := f.input(args)
			if err != nil {
				return err
			}
			return trustAzRun(env, in)
		},
	}
	cmd.Flags().StringVarP(&f.resourceGroup, "resource-group", "g", "", "resource group of the cluster")
	cmd.Flags().StringVar(&f.name, "name", "", "name of the cluster")
	cmd.Flags().StringVar(&f.nodepool, "nodepool", "", "name of the node pool")
	if action.NeedsFile() {
		cmd.Flags().StringVarP(&f.file, "file", "f", "", "file with the CA certificates, as az is to read it")
		cmd.Flags().StringSliceVar(&f.allow, "allow", nil, "findings to hand over all the same, as in T001,T004")
	}
	cmd.Flags().BoolVar(&f.retired, "retired", false, "print the commands of the preview, which retired on "+aks.RetiredOn)
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "json")
	return cmd
}

func azExample(action aks.Action) string {
	example := "  kubectl certs trust az " + string(action) + " -g rg --name cluster"
	if (aks.Request{Action: action}).NeedsNodepool() {
		example += " --nodepool np1"
	}
	if action.NeedsFile() {
		example += " --file roots.pem"
	}
	return example
}

type trustAzInput struct {
	trustAzFlags
	request    aks.Request
	settings   trustSettings
	acceptance aks.Acceptance // of the file, if there is one
}

func (f trustAzFlags) input(extra []string) (trustAzInput, error) {
	in := trustAzInput{trustAzFlags: f, request: aks.Request{
		Action: f.action, ResourceGroup: f.resourceGroup, Name: f.name, Nodepool: f.nodepool,
		File: f.file, Extra: extra, Retired: f.retired,
	}}
	if err := oneOf("output", f.output, "", "json"); err != nil {
		return in, err
	}
	if wrong := in.request.Check(); len(wrong) > 0 {
		return in, problems(wrong)
	}
	var err error
	if f.file != "" {
		in.settings, err = trustFlags{target: string(cabundle.AKS), allow: f.allow}.settings()
	}
	return in, err
}

// readFile reads the file that is handed over, and checks whether AKS takes it.
func (in *trustAzInput) readFile(env Env) error {
	if in.file == "" {
		return nil
	}
	bundle, err := readForAKS(env, in.file, in.settings.passwords)
	if err != nil {
		return err
	}
	in.acceptance = aks.Accept(bundle, in.allow, in.settings.now)
	in.request.Certificates = in.acceptance.Certificates
	return nil
}

// readForAKS reads the file that az will read.
func readForAKS(env Env, file string, passwords []string) (cabundle.Bundle, error) {
	data, err := filetree.ReadFile(file)
	if err != nil {
		return cabundle.Bundle{}, err
	}
	bundle, err := cabundle.ReadWithin(env.Limits, file, data, passwords...)
	if errors.Is(err, cabundle.ErrPassword) {
		return bundle, withHint(err, "az takes PEM only: kubectl certs trust bundle --target aks --password-file FILE "+shell.Quote(shell.Path(file)))
	}
	return bundle, err
}

// refuse says what is wrong with the file, and how to go on.
func (in trustAzInput) refuse(env Env) {
	printFindings(env.Err, reported(in.acceptance.Findings, cabundle.AKS, false), finding.TextOptions{Program: in.program})
	if !in.acceptance.Refused() {
		env.say("nothing printed: %s in %s", count(len(in.acceptance.Errors()), "error"), in.file)
		env.say("hint: to hand it over all the same, add --allow %s", ids(in.acceptance.ToAllow()))
		return
	}
	env.say("nothing printed: AKS would not take %s as it is", in.file)
	if allow, ok := in.acceptance.Repairable(); ok {
		flag := ""
		if len(allow) > 0 {
			flag = " --allow " + ids(allow)
		}
		env.say("hint: %s trust bundle --target aks%s %s > aks-roots.pem", in.program, flag, shell.Quote(shell.Path(in.file)))
	}
}

func trustAzRun(env Env, in trustAzInput) error {
	if err := in.readFile(env); err != nil {
		return err
	}
	if len(in.acceptance.Errors()) > 0 {
		in.refuse(env)
		return errFound
	}
	if in.output == "json" {
		return printView(env, newAzView(in.request), in.output)
	}
	steps := aks.Today(in.request)
	if in.retired {
		steps = aks.Retired(in.request)
	}
	if _, err := fmt.Fprint(env.Out, aks.Shell(steps)); err != nil {
		return err
	}
	in.tell(env)
	return nil
}

// tell says what one should know besides the commands.
func (in trustAzInput) tell(env Env) {
	if in.retired {
		env.say("warning: %s", azRetired)
		env.say("hint: without --retired you get the commands of today")
		return
	}
	for _, f := range in.acceptance.Findings {
		if f.Severity == finding.Warning {
			env.say("%s", f)
		}
	}
	for _, note := range aks.Notes(in.action) {
		env.say("note: %s", note)
	}
	for _, s := range aks.Retired(in.request) {
		if s.Stdin == "" {
			env.say("%s: %s", s.About, s.Line())
		} else {
			env.say("%s: printed with --retired", s.About)
		}
	}
}
