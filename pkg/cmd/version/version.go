package version

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
)

// Info is what version prints as JSON or YAML.
type Info struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Version    string `json:"version"`
	Commit     string `json:"commit,omitempty"`
	Go         string `json:"goVersion"`
	Platform   string `json:"platform"`
}

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Version string
	Output  *output.Flags
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Version: f.Version, Output: output.ForData()}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Example: "  kubectl certs version\n" +
			"  kubectl certs version -o json",
		Args: help.NoOperands("prints the version"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Output.Validate(); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Output.AddTo(cmd)
	return cmd
}

// Run prints the version.
func Run(_ context.Context, o *Options) error {
	v := Of(o.Version)
	if !o.Output.IsText() {
		return o.Output.PrintValue(o.IO.Out, v)
	}
	_, err := fmt.Fprintln(o.IO.Out, v)
	return err
}

// String returns the version in one line.
func (v Info) String() string {
	return fmt.Sprintf("kubectl-certs %s (%s, %s)", v.Version, v.Go, v.Platform)
}

// Of describes the program: the version that the linker has set, or else that of
// the module.
func Of(version string) Info {
	v := Info{APIVersion: output.Version, Kind: "Version", Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if v.Version == "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Commit = s.Value
		}
	}
	return v
}
