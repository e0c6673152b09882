package cmdutil

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// The values of --dry-run, which are kubectl's.
const (
	dryRunNone   = "none"
	dryRunClient = "client" // nothing is written and nothing is sent that changes anything
	dryRunServer = "server" // the API server checks what would change, and changes nothing
)

// DryRun is --dry-run. Without a value it means client, where the command has
// that.
type DryRun struct {
	mode    string
	allowed []string
}

// AddClient adds the flag to a command that can only leave out what it would do.
func (d *DryRun) AddClient(flags *pflag.FlagSet, usage string) {
	d.add(flags, usage, dryRunNone, dryRunClient)
	flags.Lookup("dry-run").NoOptDefVal = dryRunClient
}

// AddServer adds the flag to a command that asks the API server.
func (d *DryRun) AddServer(flags *pflag.FlagSet, usage string) {
	d.add(flags, usage, dryRunNone, dryRunServer)
}

func (d *DryRun) add(flags *pflag.FlagSet, usage string, allowed ...string) {
	d.allowed = allowed
	flags.StringVar(&d.mode, "dry-run", dryRunNone, strings.Join(allowed, " or ")+": "+usage)
}

// Validate refuses other values.
func (d *DryRun) Validate() error { return OneOf("dry-run", d.mode, d.allowed...) }

// Enabled reports whether nothing is to be changed.
func (d *DryRun) Enabled() bool { return slices.Contains(d.allowed, d.mode) && d.mode != dryRunNone }
