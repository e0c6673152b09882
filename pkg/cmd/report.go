package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/version"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// report says what failed, one error of a list after the other. The problems of
// a file stand alone, as compilers print theirs.
func report(f *cmdutil.Factory, name string, err error) {
	if list := problem.Split(err); len(list) > 1 {
		for _, one := range list {
			report(f, name, one)
		}
	} else if bad, ok := errors.AsType[*problem.Error](err); ok {
		for line := range strings.SplitSeq(bad.Error(), "\n") {
			f.IO.Messagef("%s", line)
		}
		f.IO.Messagef("error: %s in %s%s", phrase.Count(len(bad.Problems), "problem"), bad.File, nothingWritten(f))
		return
	} else {
		f.IO.Messagef("error: %v", err)
	}
	if text, ok := adviceOn(err); ok {
		for line := range strings.SplitSeq("hint: "+strings.ReplaceAll(text, "kubectl certs", name), "\n") {
			f.IO.Messagef("%s", line)
		}
	}
}

// adviceOn returns the hint of an error, or of the only error of a list. The message of an API server that forbids something has
// verb, resource and namespace, but not who has the permission.
func adviceOn(err error) (string, bool) {
	text, ok := hint.Of(err)
	if list := problem.Split(err); !ok && len(list) == 1 {
		text, ok = hint.Of(list[0])
	}
	if ok || !apierrors.IsForbidden(err) {
		return text, ok
	}
	return "the permissions of each command are listed at " + hint.Page("docs/permissions.md"), true
}

// reportFailures reports the errors that are not the effect of a signal.
func reportFailures(f *cmdutil.Factory, name string, err error) {
	for _, one := range problem.Split(err) {
		if one != nil && !errors.Is(one, lifecycle.ErrAbandoned) && !errors.Is(one, cmdutil.ErrFound) && !errors.Is(one, context.Canceled) {
			report(f, name, one)
		}
	}
}

func nothingWritten(f *cmdutil.Factory) string {
	if f.Process.Unwritten() {
		return ", nothing written"
	}
	return ""
}

const issuesURL = "https://github.com/kubectl-certs/kubectl-certs/issues"

// reportBug says that a command panicked and how to report it. Neither the
// arguments nor a value that may come from a file are shown.
func reportBug(f *cmdutil.Factory, root *cobra.Command, args []string, bug *panics.Error) {
	cmd, _, err := root.Find(args)
	if err != nil {
		cmd = root
	}
	built := cmp.Or(version.Of(f.Version).Version, "(unknown)")
	f.IO.Messagef("error: internal error in %s, version %s: %v", cmd.CommandPath(), built, bug)
	level, _ := root.PersistentFlags().GetInt(verbosityFlag)
	if level > 0 {
		f.IO.Messagef("%s", bug.Stack)
		f.IO.Messagef("hint: this is a bug; report it at %s with the lines above", issuesURL)
		return
	}
	f.IO.Messagef("hint: this is a bug; run the command again with -v=1 for a stack trace, and report it at %s", issuesURL)
}
