package help

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// root returns a command line with a group and a command.
func root() *cobra.Command {
	root := &cobra.Command{Use: "certs", SilenceErrors: true, SilenceUsage: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}}
	root.SetFlagErrorFunc(FlagError)
	root.SetUsageFunc(Usage)
	root.SetHelpCommand(NewCmd())
	Group(root)
	show := &cobra.Command{Use: "show", Short: "Show it", Aliases: []string{"print"}, Args: NoOperands("shows it"), RunE: func(*cobra.Command, []string) error { return nil }}
	show.Flags().StringP("filename", "f", "", "the `file`")
	show.Flags().StringP("kustomize", "k", "", "the `folder`")
	show.Flags().Bool("watch", false, "wait for changes")
	show.Flags().Bool("rare", false, "a rare flag")
	FlagGroup(show, "Input", "filename", "kustomize")
	OptionsOnly(show.Flags(), "Less common flags", "rare")
	root.AddCommand(show)
	return root
}

func TestHints(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"certs.yaml", "app/kustomization.yaml"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	const noOperands = ": show takes no arguments\nkubectl certs show "
	for line, want := range map[string]string{
		"show":                 "",
		"show certs.yaml":      `unexpected argument "certs.yaml"` + noOperands + "-f certs.yaml",
		"show app":             `unexpected argument "app"` + noOperands + "-k app",
		"show all":             `unexpected argument "all"` + noOperands + "shows it",
		"shwo":                 "unknown command \"shwo\" for \"certs\"\ndid you mean kubectl certs show?",
		"pirnt":                "unknown command \"pirnt\" for \"certs\"\ndid you mean kubectl certs print?",
		"frobnicate":           "unknown command \"frobnicate\" for \"certs\"\nkubectl certs --help lists the commands",
		"help frobnicate":      "unknown command \"frobnicate\" for \"certs\"\nkubectl certs --help lists the commands",
		"show --file x":        "unknown flag: --file\ndid you mean --filename?",
		"show -watch":          "unknown shorthand flag: 'w' in -watch\ndid you mean --watch?",
		"show -l x":            "unknown shorthand flag: 'l' in -l\nsee certs show --help",
		"show --sort-by x":     "unknown flag: --sort-by\nthe command prints no table",
		"-A":                   "unknown shorthand flag: 'A' in -A\nflags belong to a command: kubectl certs --help lists the commands",
		"show --frobnicate":    "unknown flag: --frobnicate\nsee certs show --help",
		"show --watch=perhaps": `invalid argument "perhaps" for "--watch" flag: strconv.ParseBool: parsing "perhaps": invalid syntax` + "\nsee certs show --help",
	} {
		cmd := root()
		cmd.SetArgs(strings.Fields(line))
		got := ""
		if err := cmd.Execute(); err != nil {
			text, _ := hint.Of(err)
			got = err.Error() + "\n" + text
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
}

func TestUsage(t *testing.T) {
	var got strings.Builder
	cmd := root()
	cmd.SetOut(&got)
	cmd.SetArgs([]string{"help", "show"})
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	got.WriteString("---\n")
	if err := WriteOptions(&got, cmd); err != nil {
		t.Fatal(err)
	}
	want := `Show it

Usage:
  certs show [flags]

Flags:
      --watch   wait for changes

Input:
  -f, --filename file      the file
  -k, --kustomize folder   the folder

Use "certs options" for kubectl's flags and less common ones.
---
Less common flags, for show:
      --rare   a rare flag
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
