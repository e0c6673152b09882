package cmdutil

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// OneOf checks a flag that takes one of a few words.
func OneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	words := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	return hint.Meant(fmt.Errorf("--%s %q: must be one of %s", flag, value, strings.Join(words, ", ")), value, words)
}

// UnknownFinding is the error for a word that is not the ID of a finding, with the
// ID that was probably meant, or where the IDs are listed.
func UnknownFinding(flag, id string, isKnown func(id string) bool, listed string) error {
	err := fmt.Errorf("--%s %q: unknown finding", flag, id)
	if upper := strings.ToUpper(strings.TrimSpace(id)); isKnown(upper) {
		return hint.With(err, "did you mean "+upper+"?")
	}
	return hint.With(err, listed)
}

// Offer completes a flag with words, each with its description after a tab.
func Offer(cmd *cobra.Command, flag string, words ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the command has no such flag
	}
}

// ColorFlag is --color.
type ColorFlag struct{ Mode string }

// AddTo adds the flag to a command.
func (f *ColorFlag) AddTo(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Mode, "color", "auto", "color text: auto, always (even with NO_COLOR) or never")
	Offer(cmd, "color", "auto", "always", "never")
}

// Validate refuses other words.
func (f *ColorFlag) Validate() error { return OneOf("color", f.Mode, "auto", "always", "never") }

// AsOf is a day at which certificates are checked.
type AsOf struct{ text string }

// AddTo adds the flag to a set.
func (f *AsOf) AddTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.text, "as-of", "", "check as of this date, such as 2027-03-01 (default: today)")
}

// Time returns the start of the day in UTC, and now if there is no flag.
func (f *AsOf) Time() (time.Time, error) {
	if f.text == "" {
		return time.Now(), nil
	}
	day, err := time.Parse(time.DateOnly, f.text)
	if err != nil {
		return day, fmt.Errorf("--as-of %q: must be a date such as 2027-03-01", f.text)
	}
	return day, nil
}
