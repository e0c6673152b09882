package lint

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

// parse returns the Options of a command line, or the error that refuses it.
func parse(args ...string) (*Options, error) {
	var got *Options
	f := &cmdutil.Factory{IO: iostreams.IO{Out: io.Discard, Err: io.Discard}, Version: "v1"}
	cmd := NewCmd(f, func(_ context.Context, o *Options) error {
		got = o
		return nil
	})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	return got, cmd.ExecuteContext(context.Background())
}

func TestCommandLine(t *testing.T) {
	type input struct {
		Format, Color, FailOn, Explain, File, Environment string
		Named                                             bool
		AsOf                                              string
		Allow, Paths                                      []string
	}
	usual := input{Color: "auto", FailOn: "warning", File: "certs.yaml"}
	with := func(change func(*input)) input {
		changed := usual
		change(&changed)
		return changed
	}
	for name, tt := range map[string]struct {
		args []string
		want input
	}{
		"nothing": {nil, usual},
		"paths":   {[]string{"a", "-"}, with(func(i *input) { i.Paths = []string{"a", "-"} })},
		"a file":  {[]string{"-f", "b.yaml", "-e", "prod"}, with(func(i *input) { i.File, i.Named, i.Environment = "b.yaml", true, "prod" })},
		"flags": {
			[]string{"-o", "sarif", "--color", "never", "--fail-on", "never", "--allow", "C203, T006", "--as-of", "2027-03-01"},
			with(func(i *input) {
				i.Format, i.Color, i.FailOn, i.AsOf, i.Allow = "sarif", "never", "never", "2027-03-01", []string{"C203", "T006"}
			}),
		},
		"an ID to explain": {[]string{"--explain", "C101"}, with(func(i *input) { i.Explain = "C101" })},
		"all IDs":          {[]string{"--explain", "all"}, with(func(i *input) { i.Explain = "all" })},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := parse(tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			got := input{
				Format: o.Output.Format(), Color: o.Color.Mode, FailOn: o.FailOn, Explain: o.Explain,
				File: o.Project.File, Environment: o.Project.Environment, Named: o.Project.Named, Allow: o.Allow,
			}
			if len(o.Paths) > 0 {
				got.Paths = o.Paths
			}
			if tt.want.AsOf != "" {
				got.AsOf = o.Project.Now.Format(time.DateOnly)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommandLineIsRefused(t *testing.T) {
	for _, tt := range []struct {
		want string
		args []string
	}{
		{`-f cannot be used with argument x`, []string{"-f", "certs.yaml", "x"}},
		{`--output "junit": must be one of text, wide, json, yaml, github, sarif`, []string{"-o", "junit"}},
		{`--color "red": must be one of auto, always, never`, []string{"--color", "red"}},
		{`--fail-on "all": must be one of error, warning, note, never`, []string{"--fail-on", "all"}},
		{`--allow "C999": unknown finding`, []string{"--allow", "C203,C999"}},
		{`--allow "all": unknown finding`, []string{"--allow", "all"}},
		{`--as-of "soon": must be a date such as 2027-03-01`, []string{"--as-of", "soon"}},
		{`--explain "C999": unknown finding`, []string{"--explain", "C999"}},
		{`stdin can be one path only`, []string{"-", "a", "-"}},
	} {
		if o, err := parse(tt.args...); err == nil || err.Error() != tt.want || o != nil {
			t.Errorf("%q: error %v, want %s; Run is called: %t", tt.args, err, tt.want, o != nil)
		}
	}
}
