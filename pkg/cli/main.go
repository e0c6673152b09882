package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Exit codes of every command.
const (
	exitDone   = 0 // done, and nothing to report
	exitFound  = 1 // differences, findings, out of date
	exitFailed = 2
)

// errFound ends a command with exitFound; it has told what it found.
var errFound = errors.New("found")

func withHint(err error, text string) error { return hint.With(err, text) }

// Main runs the command line and returns the exit code. args[0] is the name
// under which the program was called. The end of the context stops the command:
// one that changes nothing ends within a second, whatever it is doing, and the
// others finish what must not be left half done. The exit code is 2 then, unless
// all was done already.
func Main(ctx context.Context, env Env, args []string) int {
	out := &output{Writer: env.Out}
	env.Out = out
	env, flush := watched(ctx, env).escaped()
	env.Limits = limits.New(ctx.Err)
	name := programName(args[0])
	code := execute(ctx, env, newRootCmd(env, name), args[1:])
	if ctx.Err() == nil { // else an output may never be ready
		flush()
	}
	if err := out.failed(); err != nil && code != exitFailed {
		report(env, name, err)
		return exitFailed
	}
	return code
}

// execute runs a command and reports how it ended, by a panic too.
func execute(ctx context.Context, env Env, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	err := env.ending.wait(panics.Guard(func() error { return root.ExecuteContext(ctx) }))
	bug, panicked := errors.AsType[*panics.Error](err)
	switch {
	case panicked:
		reportBug(env, root, args, bug)
		return exitFailed
	case env.ending.stopped(err):
		env.ending.lastWords(env, root.DisplayName(), err)
		return exitFailed
	case err == nil:
		return exitDone
	case errors.Is(err, errFound):
		return exitFound
	}
	report(env, root.DisplayName(), err)
	return exitFailed
}

// report says what failed, one error of a list after the other. The problems of
// a file stand alone, as compilers print theirs.
func report(env Env, name string, err error) {
	if list := problem.Split(err); len(list) > 1 {
		for _, one := range list {
			report(env, name, one)
		}
	} else if bad, ok := errors.AsType[*problem.Error](err); ok {
		for line := range strings.SplitSeq(bad.Error(), "\n") {
			env.say("%s", line)
		}
		env.say("error: %s in %s%s", count(len(bad.Problems), "problem"), bad.File, env.nothingWritten())
		return
	} else {
		env.say("error: %v", err)
	}
	if text, ok := hint.Of(err); ok {
		env.say("hint: %s", strings.ReplaceAll(text, "kubectl certs", name))
	}
}

// programName turns the name of a plugin's file into the command that people
// type: kubectl-foo_bar is kubectl foo-bar.
func programName(arg0 string) string {
	name := strings.TrimSuffix(filepath.Base(filepath.ToSlash(arg0)), ".exe")
	if plugin, ok := strings.CutPrefix(name, "kubectl-"); ok {
		return "kubectl " + strings.ReplaceAll(strings.ReplaceAll(plugin, "-", " "), "_", "-")
	}
	return name
}

func newRootCmd(env Env, name string) *cobra.Command {
	config := genericclioptions.NewConfigFlags(true)
	root := &cobra.Command{
		Use:   "kubectl-certs",
		Short: "Certificates on Kubernetes, from one file to Git to the cluster",
		Long: "Certificates on Kubernetes: write once which hosts need TLS and who issues,\n" +
			"and get the Kustomize tree that Argo CD, Flux or kubectl apply.",
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: name},
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	config.AddFlags(root.PersistentFlags())
	root.PersistentFlags().IntP(verbosityFlag, "v", 0, "number for the log level verbosity; 1 and more add the stack trace to the report of a bug")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return withHint(err, "see "+cmd.CommandPath()+" --help")
	})
	root.AddCommand(
		newGenerateCmd(env),
		newDiffCmd(env, config),
		newLintCmd(env),
		newApplyCmd(env, config),
		newRunCmd(env, config),
		newRenewCmd(env, config),
		newStatusCmd(env, config),
		newTrustCmd(env, config),
		newSchemaCmd(env),
		newDNSProviderCmd(),
		newCompletionCmd(env),
		newOptionsCmd(env),
		newVersionCmd(env),
	)
	root.SetUsageTemplate(usageTemplate)
	offerCommon(root)
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

// usageTemplate is cobra's without the flags of kubectl, which have a command
// of their own as in kubectl.
const usageTemplate = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [command]{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}{{if .HasParent}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{end}}

Use "{{.Root.CommandPath}} options" for kubectl's flags, which every command takes{{if .HasAvailableSubCommands}};
"{{.CommandPath}} [command] --help" tells more of a command{{end}}.
`
