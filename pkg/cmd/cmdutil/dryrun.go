package cmdutil

import (
	"fmt"

	"github.com/spf13/cobra"
)

// dryRun is --dry-run of a command that can only leave out what it would do. Its
// values are kubectl's: none, and client, which is meant without a value.
type dryRun struct{ enabled *bool }

// AddDryRun adds --dry-run to a command that needs no API server to say what it
// would do.
func AddDryRun(cmd *cobra.Command, enabled *bool, usage string) {
	cmd.Flags().Var(dryRun{enabled}, "dry-run", "client: "+usage)
	cmd.Flags().Lookup("dry-run").NoOptDefVal = "client"
	Offer(cmd, "dry-run", "none", "client")
}

// String implements pflag.Value.
func (d dryRun) String() string {
	if d.enabled != nil && *d.enabled {
		return "client"
	}
	return "none"
}

// Set implements pflag.Value.
func (d dryRun) Set(value string) error {
	if value != "none" && value != "client" {
		return fmt.Errorf("must be one of none, client")
	}
	*d.enabled = value == "client"
	return nil
}

// Type implements pflag.Value.
func (d dryRun) Type() string { return "string" }
