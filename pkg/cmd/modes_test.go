package cmd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	dnsprocess "github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// runnable returns a command by its path, from a command line of its own. It takes
// any arguments and does nothing, but checks its flags.
func runnable(t *testing.T, path string) *cobra.Command {
	t.Helper()
	root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
	root.InitDefaultHelpCmd()
	cmd, rest, err := root.Find(strings.Fields(path))
	if err != nil || len(rest) > 0 {
		t.Fatalf("find %q: %v, rest %q", path, err, rest)
	}
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(*cobra.Command, []string) error { return nil }
	return cmd
}

// paths are the command lines of all commands, hidden ones and groups included.
func paths() []string {
	root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
	root.InitDefaultHelpCmd()
	all := []string{""}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			all = append(all, strings.TrimPrefix(sub.CommandPath(), "kubectl certs "))
			walk(sub)
		}
	}
	walk(root)
	return all
}

// typeLine runs a command line, and returns its error.
func typeLine(cmd *cobra.Command, path string, args ...string) error {
	cmd.Root().SetArgs(append(strings.Fields(path), args...))
	return cmd.Root().Execute()
}

// flagsOf are the flags of a command that its modes are about: its own, and
// kubectl's namespace.
func flagsOf(cmd *cobra.Command) []*pflag.Flag {
	var all []*pflag.Flag
	add := func(flag *pflag.Flag) {
		if flag.Name != "help" && flag.Name != "version" && !help.IsConnection(cmd, flag) {
			all = append(all, flag)
		}
	}
	cmd.LocalFlags().VisitAll(add)
	if cmd.HasParent() {
		cmd.InheritedFlags().VisitAll(add)
	}
	return all
}

// given returns a flag as it is given, with a value that it does not have else.
func given(flag *pflag.Flag) string {
	value := map[string]string{"bool": "true", "int": "7", "duration": "7m"}[flag.Value.Type()]
	switch {
	case flag.Name == "dry-run":
		value = "client"
	case flag.DefValue == "true":
		value = "false"
	case value == "":
		value = "x"
	}
	return "--" + flag.Name + "=" + value
}

// selecting returns arguments that select a mode, none for the one without If.
func selecting(cmd *cobra.Command, mode help.Mode) []string {
	selector, _, _ := strings.Cut(mode.If, " ")
	name, values, _ := strings.Cut(selector, "=")
	value, _, _ := strings.Cut(values, ",")
	switch flag := cmd.Flag(name); {
	case selector == "":
		return nil
	case flag == nil:
		return strings.Split(strings.ToLower(name), ",")
	case value == "":
		return []string{given(flag)}
	}
	return []string{"--" + name + "=" + value}
}

// lineProblem says what is wrong if a flag is accepted in a mode that does not read
// it, "" if it is refused.
func lineProblem(t *testing.T, path string, modes []help.Mode, mode help.Mode, flag *pflag.Flag) string {
	cmd := runnable(t, path)
	selects := func(m help.Mode) bool {
		return slices.ContainsFunc(strings.Fields(m.If), func(s string) bool { name, _, _ := strings.Cut(s, "="); return name == flag.Name })
	}
	if mode.If == "" && slices.ContainsFunc(modes, selects) || selects(mode) {
		return "" // the flag selects another mode, or other values of it do
	}
	args := append(selecting(cmd, mode), given(flag))
	if err := typeLine(cmd, path, args...); err == nil || !isRefusal(err) {
		return fmt.Sprintf("%q: --%s is not read, and not refused: %v", args, flag.Name, err)
	}
	return ""
}

func isRefusal(err error) bool {
	return strings.Contains(err.Error(), " cannot be used with ") || strings.Contains(err.Error(), " needs ") || strings.Contains(err.Error(), "this command does not use -")
}

// isAccepted reports whether a flag is accepted with some modes of the command, one
// of at most two choices each.
func isAccepted(t *testing.T, path string, flag *pflag.Flag) bool {
	cmd := runnable(t, path)
	lines := [][]string{nil}
	for _, modes := range help.ModesOf(cmd) {
		for _, mode := range modes {
			lines = append(lines, selecting(cmd, mode))
		}
	}
	for _, first := range lines {
		for _, second := range lines {
			if typeLine(runnable(t, path), path, slices.Concat(first, second, []string{given(flag)})...) == nil {
				return true
			}
		}
	}
	return false
}

// modeProblems returns what is wrong with the modes of a command: flags that are
// accepted where they are not read, and flags that are read nowhere.
func modeProblems(t *testing.T, path string) []string {
	var found []string
	cmd := runnable(t, path)
	choices := help.ModesOf(cmd)
	if cmd.PreRunE == nil {
		found = append(found, "declares no modes")
	}
	for _, flag := range flagsOf(cmd) {
		reads := func(m help.Mode) bool { return slices.Contains(strings.Fields(m.Reads), flag.Name) }
		used := false
		for _, modes := range choices {
			if !slices.ContainsFunc(modes, reads) {
				continue
			}
			used = true
			for _, mode := range append(modes, help.Mode{}) {
				isOther := mode.If == "" && slices.ContainsFunc(modes, func(m help.Mode) bool { return m.If == "" && reads(m) })
				if problem := lineProblem(t, path, modes, mode, flag); problem != "" && !reads(mode) && !isOther {
					found = append(found, problem)
				}
			}
		}
		switch accepted := isAccepted(t, path, flag); {
		case accepted && !used:
			found = append(found, "--"+flag.Name+" is accepted, and read in no mode")
		case !accepted && flag.Name != "namespace":
			found = append(found, "--"+flag.Name+" is never accepted")
		}
	}
	for _, mode := range slices.Concat(choices...) {
		for name := range strings.FieldsSeq(mode.Reads) {
			if cmd.Flag(name) == nil {
				found = append(found, "a mode reads --"+name+", which does not exist")
			}
		}
	}
	return found
}

// TestModes: each mode of each command refuses the flags that it does not read, and
// each flag is read in some mode.
func TestModes(t *testing.T) {
	all := paths()
	if len(all) < 25 {
		t.Fatalf("found only %d commands", len(all))
	}
	for _, path := range all {
		for _, problem := range modeProblems(t, path) {
			t.Errorf("%s: %s", path, problem)
		}
	}
}

// TestModesCanFail: a command with a flag that is in none of its modes has a
// problem, and so has one without modes.
func TestModesCanFail(t *testing.T) {
	forget := func(change func(cmd *cobra.Command)) error {
		cmd := runnable(t, "schema")
		change(cmd)
		return typeLine(cmd, "schema", "-n", "shop")
	}
	if err := forget(func(*cobra.Command) {}); err == nil || !isRefusal(err) {
		t.Errorf("with modes: %v", err)
	}
	if err := forget(func(cmd *cobra.Command) { cmd.PreRunE = nil }); err != nil {
		t.Errorf("without modes: %v", err)
	}
	cmd := runnable(t, "schema")
	cmd.Flags().Bool("forgotten", false, "")
	if err := typeLine(cmd, "schema", "--forgotten"); err == nil || err.Error() != "this command does not use --forgotten" {
		t.Errorf("a flag in no mode: %v", err)
	}
}

// TestCommonFlags: each of kubectl's common flags is one of the command's, or is
// refused with what to do instead.
func TestCommonFlags(t *testing.T) {
	for _, path := range paths() {
		for name, short := range help.Common {
			for _, typed := range []string{"--" + name + "=client", "-" + short} {
				if typed == "-" || path == dnsprocess.Subcommand {
					continue
				}
				err := typeLine(runnable(t, path), path, typed)
				if err == nil || runnable(t, path).Flag(name) != nil && name != "namespace" || strings.HasPrefix(err.Error(), "flag needs an argument") {
					continue
				}
				if text, ok := hint.Of(oneOf(err)); !ok || strings.HasPrefix(text, "see ") || strings.HasPrefix(text, "did you mean ") {
					t.Errorf("%s %s: %v, with hint %q", path, typed, err, text)
				}
			}
		}
	}
}

// oneOf returns the only error of a list.
func oneOf(err error) error {
	if list := problem.Split(err); len(list) == 1 {
		return list[0]
	}
	return err
}
