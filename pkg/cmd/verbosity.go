package cmd

import (
	"flag"
	"strconv"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
)

// verbosityFlag is kubectl's --v.
const verbosityFlag = "v"

// maxVerbosity is the highest level that client-go is given. From 8 on it logs
// the bodies of requests and answers, and so the content of Secrets.
const maxVerbosity = 7

// addVerbosity adds --v to the root command. What client-go logs goes to stderr
// from level 1 on; without the flag it logs nothing, because it also returns its
// errors.
func addVerbosity(f *cmdutil.Factory, root *cobra.Command) {
	level := root.PersistentFlags().IntP(verbosityFlag, "v", 0,
		"log level: 1 adds stack traces of bugs, 6 requests to the cluster; bodies are never logged (default 0)")
	root.PersistentPreRun = func(*cobra.Command, []string) {
		if *level > 0 {
			logClients(f, min(*level, maxVerbosity))
		}
	}
}

func logClients(f *cmdutil.Factory, level int) {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	_ = flags.Set("v", strconv.Itoa(level)) // a number is valid
	klog.SetLogger(textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(f.IO.Err), textlogger.Verbosity(level))))
}
