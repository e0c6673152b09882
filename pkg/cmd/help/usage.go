package help

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageWidth is how wide the help of a command may be.
const usageWidth = 80

// groupKey and optionsKey are annotations of flags: the heading of the flag in the
// help of its command, or in what the command options prints.
const (
	groupKey   = "kubectl-certs.dev/group"
	optionsKey = "kubectl-certs.dev/options"
)

// FlagGroup puts flags of a command under a heading of its help. Groups are shown
// in the order in which they are made, after the flags that are in none.
func FlagGroup(cmd *cobra.Command, heading string, names ...string) {
	annotate(cmd.Flags(), groupKey, heading, names)
	setAnnotation(cmd, groupKey, cmd.Annotations[groupKey]+heading+"\n")
}

func setAnnotation(cmd *cobra.Command, key, value string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[key] = value
}

// OptionsOnly moves flags from the help of a command to what the command options
// prints, under a heading.
func OptionsOnly(flags *pflag.FlagSet, heading string, names ...string) {
	annotate(flags, optionsKey, heading, names)
}

func annotate(flags *pflag.FlagSet, key, heading string, names []string) {
	for _, name := range names {
		if err := flags.SetAnnotation(name, key, []string{heading}); err != nil {
			panic(err) // the command has no such flag
		}
	}
}

func annotation(flag *pflag.Flag, key string) string {
	return strings.Join(flag.Annotations[key], "")
}

// headed is a set of flags with its heading.
type headed struct {
	heading string
	flags   *pflag.FlagSet
}

func (h headed) write(w io.Writer) {
	if h.flags.HasAvailableFlags() {
		fmt.Fprintf(w, "\n%s:\n%s", h.heading, h.flags.FlagUsagesWrapped(usageWidth))
	}
}

// groups returns the flags that the help of a command shows.
func groups(cmd *cobra.Command) []headed {
	all := []headed{{"Flags", &pflag.FlagSet{}}}
	for heading := range strings.Lines(cmd.Annotations[groupKey]) {
		all = append(all, headed{strings.TrimSpace(heading), &pflag.FlagSet{}})
	}
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "help" || annotation(flag, optionsKey) != "" {
			return
		}
		i := slices.IndexFunc(all, func(h headed) bool { return h.heading == annotation(flag, groupKey) })
		all[max(i, 0)].flags.AddFlag(flag)
	})
	return all
}

// hasOptionsOnly reports whether the command options prints flags of a command.
func hasOptionsOnly(cmd *cobra.Command) bool {
	found := false
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) { found = found || annotation(flag, optionsKey) != "" })
	return found
}

// Usage writes the help of a command after its description. It is for
// SetUsageFunc.
func Usage(cmd *cobra.Command) error {
	var text strings.Builder
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = cmd.CommandPath() + " [command]"
	}
	fmt.Fprintf(&text, "Usage:\n  %s\n", line)
	if cmd.HasExample() {
		fmt.Fprintf(&text, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		text.WriteString("\nCommands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&text, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	for _, group := range groups(cmd) {
		group.write(&text)
	}
	text.WriteString(footer(cmd))
	_, err := io.WriteString(cmd.OutOrStderr(), text.String())
	return err
}

func footer(cmd *cobra.Command) string {
	text := fmt.Sprintf("\nUse %q for kubectl's flags", cmd.Root().CommandPath()+" options")
	if readsNamespace(cmd) {
		text += " (-n …)"
	}
	if hasOptionsOnly(cmd) {
		text += " and less common ones"
	}
	if cmd.HasAvailableSubCommands() {
		text += fmt.Sprintf(",\nand %q for more about a command", cmd.CommandPath()+" [command] --help")
	}
	return text + ".\n"
}

// WriteOptions writes kubectl's flags, and the flags of all commands that
// OptionsOnly moved here.
func WriteOptions(w io.Writer, root *cobra.Command) error {
	all := []headed{{"Flags of kubectl, for every command", root.PersistentFlags()}}
	commands := map[string][]string{}
	collectOptions(root, &all, commands)
	var text strings.Builder
	for _, group := range all {
		if names := commands[group.heading]; len(names) > 0 {
			group.heading += ", for " + strings.Join(names, ", ")
		}
		group.write(&text)
	}
	_, err := io.WriteString(w, strings.TrimPrefix(text.String(), "\n"))
	return err
}

// collectOptions adds the flags of a command and those below it, and the commands
// that have the flags of each heading.
func collectOptions(cmd *cobra.Command, all *[]headed, commands map[string][]string) {
	name := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().CommandPath()+" ")
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		heading := annotation(flag, optionsKey)
		if heading == "" {
			return
		}
		if !slices.Contains(commands[heading], name) {
			commands[heading] = append(commands[heading], name)
		}
		i := slices.IndexFunc(*all, func(h headed) bool { return h.heading == heading })
		if i < 0 {
			i = len(*all)
			*all = append(*all, headed{heading, &pflag.FlagSet{}})
		}
		if (*all)[i].flags.Lookup(flag.Name) == nil {
			(*all)[i].flags.AddFlag(flag)
		}
	})
	for _, sub := range cmd.Commands() {
		collectOptions(sub, all, commands)
	}
}
