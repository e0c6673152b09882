package status

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
)

func TestFlags(t *testing.T) {
	type values struct {
		File, Environment, Kustomize, Format string
		AllNamespaces, Check                 bool
	}
	for args, want := range map[string]struct {
		values values
		err    string
	}{
		"":                             {values: values{}},
		"--check -A":                   {values: values{Check: true, AllNamespaces: true}},
		"-f certs.yaml -e dev -o name": {values: values{File: "certs.yaml", Environment: "dev", Format: "name"}},
		"-k overlays/prod -o wide":     {values: values{Kustomize: "overlays/prod", Format: "wide"}},
		"-f a.yaml -k b":               {err: "-f cannot be used with -k"},
		"-e dev":                       {err: "-e needs -f"},
		"-R -k b":                      {err: "-R cannot be used with -k"},
		"-o table":                     {err: `--output "table": must be one of json, yaml, name, wide, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file`},
		"web-tls":                      {err: `unexpected argument "web-tls": status takes no arguments`},
	} {
		var got values
		cmd := NewCmd(&cmdutil.Factory{}, func(_ context.Context, o *Options) error {
			p := o.Requests.Project
			got = values{p.File, p.Environment, o.Requests.Target.Kustomize, o.Output.Format(), o.Requests.AllNamespaces, o.Check}
			return nil
		})
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(strings.Fields(args))
		text := ""
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			text = err.Error()
		}
		if diff := cmp.Diff(want.values, got); diff != "" || text != want.err {
			t.Errorf("%s: error %q, want %q; (-want +got):\n%s", args, text, want.err, diff)
		}
	}
}
