package cmdutil

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
)

// duration is a flag that takes what a duration in certs.yaml takes, and has the
// same error.
type duration struct{ value *time.Duration }

// AddDuration adds a flag for a duration. Its default is the present value.
func AddDuration(flags *pflag.FlagSet, value *time.Duration, name, usage string) {
	flags.Var(duration{value}, name, usage)
}

// String implements pflag.Value. The usage names the default of a zero duration.
func (d duration) String() string {
	if d.value == nil || *d.value == 0 {
		return ""
	}
	return d.value.String()
}

// Set implements pflag.Value.
func (d duration) Set(text string) error {
	parsed, err := schema.ParseDuration(text)
	if err != nil {
		return err
	}
	*d.value = parsed
	return nil
}

// Type implements pflag.Value.
func (d duration) Type() string { return "duration" }
