package cmd

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
)

// What the help of a command may have.
const (
	helpLines     = 40
	helpWidth     = 80
	shortLength   = 60
	sentenceWords = 30
)

// helpProblems returns what is wrong with the help of a command.
func helpProblems(cmd *cobra.Command) []string {
	var found []string
	check := func(ok bool, problem string) {
		if !ok {
			found = append(found, cmd.CommandPath()+": "+problem)
		}
	}
	first, _ := utf8.DecodeRuneInString(cmd.Short)
	verb, rest, _ := strings.Cut(cmd.Short, " ")
	check(unicode.IsUpper(first) && rest != "" && !strings.HasSuffix(verb, "s"), "Short must begin with a verb: "+cmd.Short)
	check(!strings.HasSuffix(cmd.Short, "."), "Short must not end with a full stop: "+cmd.Short)
	check(utf8.RuneCountInString(cmd.Short) <= shortLength, "Short is too long: "+cmd.Short)
	if !cmd.HasAvailableSubCommands() {
		check(strings.Count(cmd.Example, "kubectl certs") >= 2, "needs two examples")
	}
	text := helpOf(cmd)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	check(len(lines) <= helpLines, "help is too long:\n"+text)
	for _, line := range lines {
		check(utf8.RuneCountInString(line) <= helpWidth, "line is too wide: "+line)
	}
	sentences := append(splitSentences(cmd.Long), flagSentences(cmd)...)
	for _, sentence := range sentences {
		check(len(strings.Fields(sentence)) <= sentenceWords, "sentence is too long: "+sentence)
	}
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if kind := flag.Value.Type(); kind == "duration" || kind == "int" {
			check(flag.DefValue != "0" && flag.DefValue != "0s" || strings.Contains(flag.Usage, "default"), "--"+flag.Name+" does not state its default: "+flag.Usage)
		}
	})
	return found
}

func helpOf(cmd *cobra.Command) string {
	var text bytes.Buffer
	cmd.SetOut(&text)
	defer cmd.SetOut(nil)
	_ = cmd.Help()
	return text.String()
}

// sentenceEnd is the end of a sentence, of a line of a list or of a paragraph.
var sentenceEnd = regexp.MustCompile(`[.:;]\s|\n\n|\n[ -]`)

func splitSentences(text string) []string { return sentenceEnd.Split(text, -1) }

func flagSentences(cmd *cobra.Command) []string {
	var all []string
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "template" && flag.Name != "allow-missing-template-keys" { // kubectl's
			all = append(all, splitSentences(flag.Usage)...)
		}
	})
	return all
}

// commandsBelow returns the commands that help shows, and those below them.
func commandsBelow(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			all = append(append(all, sub), commandsBelow(sub)...)
		}
	}
	return all
}

// TestHelp: the help of each command fits on a screen and says the same things in
// the same way.
func TestHelp(t *testing.T) {
	root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
	commands := append(commandsBelow(root), root)
	if len(commands) < 20 {
		t.Fatalf("found only %d commands", len(commands))
	}
	for _, cmd := range commands {
		for _, problem := range helpProblems(cmd) {
			t.Error(problem)
		}
	}
}

// TestHelpCanFail: each rule has help that breaks it.
func TestHelpCanFail(t *testing.T) {
	good := func() *cobra.Command {
		root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
		cmd := &cobra.Command{Use: "x", Short: "Show it", Example: "  kubectl certs x\n  kubectl certs x y", Run: func(*cobra.Command, []string) {}}
		root.AddCommand(cmd)
		return cmd
	}
	if found := helpProblems(good()); found != nil {
		t.Fatalf("good help has problems: %q", found)
	}
	for name, spoil := range map[string]func(*cobra.Command){
		"no verb":    func(c *cobra.Command) { c.Short = "it" },
		"full stop":  func(c *cobra.Command) { c.Short = "Show it." },
		"long short": func(c *cobra.Command) { c.Short = "Show " + strings.Repeat("x", shortLength) },
		"example":    func(c *cobra.Command) { c.Example = "  kubectl certs x" },
		"long":       func(c *cobra.Command) { c.Long = strings.Repeat("x.\n", helpLines) },
		"wide":       func(c *cobra.Command) { c.Long = strings.Repeat("x", helpWidth+1) },
		"sentence":   func(c *cobra.Command) { c.Long = strings.Repeat("a b\n", sentenceWords/2+1) },
		"default":    func(c *cobra.Command) { c.Flags().Duration("wait", 0, "how long") },
	} {
		cmd := good()
		spoil(cmd)
		if found := helpProblems(cmd); len(found) != 1 {
			t.Errorf("%s: got %d problems, want 1: %q", name, len(found), found)
		}
	}
}

// TestOptions: flags that are not in the help of their command are among what
// options prints.
func TestOptions(t *testing.T) {
	root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
	var text strings.Builder
	if err := help.WriteOptions(&text, root); err != nil {
		t.Fatal(err)
	}
	for _, cmd := range commandsBelow(root) {
		shown := helpOf(cmd) + text.String()
		cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if flag.Name != "help" && !strings.Contains(shown, "--"+flag.Name+" ") {
				t.Errorf("%s: neither its help nor options shows --%s", cmd.CommandPath(), flag.Name)
			}
		})
	}
	if !strings.Contains(text.String(), "--kubeconfig ") {
		t.Errorf("options lacks kubectl's flags:\n%s", text.String())
	}
}
