package cmdutil

import (
	"testing"

	"github.com/spf13/cobra"
)

func TestDryRun(t *testing.T) {
	for _, test := range []struct {
		args []string
		want bool
		err  string
	}{
		{nil, false, ""},
		{[]string{"--dry-run"}, true, ""},
		{[]string{"--dry-run=client"}, true, ""},
		{[]string{"--dry-run", "--dry-run=none"}, false, ""},
		{[]string{"--dry-run=server"}, false, `invalid argument "server" for "--dry-run" flag: must be one of none, client`},
		{[]string{"--dry-run=true"}, false, `invalid argument "true" for "--dry-run" flag: must be one of none, client`},
	} {
		var got bool
		cmd := &cobra.Command{Use: "x"}
		AddDryRun(cmd, &got, "only print")
		err, text := cmd.ParseFlags(test.args), ""
		if err != nil {
			text = err.Error()
		}
		if got != test.want || text != test.err {
			t.Errorf("%q: %v, %q", test.args, got, text)
		}
	}
}
