package aks

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/aks"
)

// TestFlags: what a command line becomes, or why it is refused.
func TestFlags(t *testing.T) {
	for _, tt := range []struct {
		args string
		want Options
		err  string
	}{
		{args: "update -g rg --name c --ca-file a.pem", want: Options{Request: aks.Request{Action: aks.Update, ResourceGroup: "rg", Name: "c", File: "a.pem"}}},
		{args: "create -g rg --name c --ca-file a.pem --allow T001,T004 -- --tags a=b", want: Options{
			Request: aks.Request{Action: aks.Create, ResourceGroup: "rg", Name: "c", File: "a.pem", Extra: []string{"--tags", "a=b"}}, Allow: []string{"T001", "T004"}}},
		{args: "disable -g rg --name c --nodepool np --preview", want: Options{Request: aks.Request{Action: aks.Disable, ResourceGroup: "rg", Name: "c", Nodepool: "np", Preview: true}}},
		{args: "enable", err: "--resource-group is missing\n--name is missing\n--ca-file is missing"},
		{args: "enable --preview -g rg --name c --ca-file x", err: "--nodepool is missing"},
		{args: "update -g rg --name c --ca-file a.pem --allow T999", err: `--allow "T999": unknown finding`},
		{args: "update cluster", err: `unexpected argument "cluster"`},
		{args: "update -o wide", err: `--output "wide": must be one of json, yaml`},
		{args: "nodepool-add --ca-file a.pem", err: "unknown flag: --ca-file"},
		{args: "update -f a.pem", err: "unknown shorthand flag: 'f' in -f"},
		{args: "update --retired", err: "unknown flag: --retired"},
	} {
		var got *Options
		cmd := NewCmd(&cmdutil.Factory{}, func(_ context.Context, o *Options) error { got = o; return nil })
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(strings.Fields(tt.args))
		if err := cmd.Execute(); err != nil || tt.err != "" {
			if err == nil || err.Error() != tt.err || got != nil {
				t.Errorf("%q: error %v, want %s", tt.args, err, tt.err)
			}
			continue
		}
		ignored := cmpopts.IgnoreFields(Options{}, "IO", "Limits", "Output", "Program", "Now")
		if diff := cmp.Diff(&tt.want, got, ignored, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
}

// update returns the options for an update with a file, and what they print.
func update(t *testing.T, content []byte) (o *Options, out, messages *bytes.Buffer) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, messages = &bytes.Buffer{}, &bytes.Buffer{}
	o = newOptions(&cmdutil.Factory{IO: iostreams.IO{Out: out, Err: messages}}, aks.Update)
	o.Program, o.Now = "kubectl certs", catest.Date(2026, 11, 22)
	o.Request.ResourceGroup, o.Request.Name, o.Request.File = "rg", "c", file
	return o, out, messages
}

// TestRun: a good file gives commands in each format.
func TestRun(t *testing.T) {
	o, out, messages := update(t, catest.PEM(catest.Root("Root")))
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "# replace the CAs of the whole cluster") || !strings.Contains(messages.String(), ": shown with --preview\n") {
		t.Errorf("prints\n%s\nand says\n%s", out, messages)
	}
	out.Reset()
	messages.Reset()
	o.Output.Set("json")
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	var list struct {
		APIVersion, Kind, Action, RetiredOn string
		Items, Retired                      []struct{ Argv []string }
		Notes                               []string
	}
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if list.Kind != "AKSCommandList" || list.Action != "update" || len(list.Items) != 2 || len(list.Retired) != 1 || len(list.Notes) == 0 || messages.Len() > 0 {
		t.Errorf("prints\n%s\nand says\n%s", out, messages)
	}
}

// TestRunRefuses: nothing is printed for a file that AKS would reject, or that
// has errors that the user has not agreed with.
func TestRunRefuses(t *testing.T) {
	leaf := catest.PEM(catest.Root("Root").Leaf("registry.example.com"))
	root := catest.PEM(catest.Root("Root"))
	for name, tt := range map[string]struct {
		content []byte
		allow   []string
		says    string
	}{
		"not a CA":          {leaf, nil, "nothing printed: 1 error in FILE\nhint: to use it anyway, add --allow T001\n"},
		"no blank line":     {append(root, catest.PEM(catest.Root("Other"))...), nil, "nothing printed: AKS would reject FILE\nhint: kubectl certs trust bundle --target aks FILE > aks-roots.pem\n"},
		"allowed, but CRLF": {bytes.ReplaceAll(leaf, []byte("\n"), []byte("\r\n")), []string{"T001"}, "nothing printed: AKS would reject FILE\nhint: kubectl certs trust bundle --target aks --allow T001 FILE > aks-roots.pem\n"},
	} {
		t.Run(name, func(t *testing.T) {
			o, out, messages := update(t, tt.content)
			o.Allow = tt.allow
			err := Run(t.Context(), o)
			_, says, _ := strings.Cut("\n"+strings.ReplaceAll(messages.String(), o.Request.File, "FILE"), "\nnothing")
			if err != cmdutil.ErrFound || out.Len() > 0 || "nothing"+says != tt.says {
				t.Errorf("error %v, prints\n%s\nand says\n%s", err, out, messages)
			}
		})
	}
	o, _, _ := update(t, leaf)
	o.Allow = []string{"T001"}
	if err := Run(t.Context(), o); err != nil {
		t.Errorf("allowed: %v", err)
	}
}
