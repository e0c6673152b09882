package bundle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
)

// parse returns the Options of a command line, or the error that refuses it.
func parse(args ...string) (*Options, error) {
	var got *Options
	f := &cmdutil.Factory{IO: iostreams.IO{Out: io.Discard, Err: io.Discard}}
	cmd := NewCmd(f, func(_ context.Context, o *Options) error {
		got = o
		return nil
	})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	return got, cmd.ExecuteContext(context.Background())
}

func TestCommandLine(t *testing.T) {
	pin := strings.Repeat("ab", 32)
	o, err := parse("a.pem", "host:443", "--target", "aks", "--as-of", "2027-03-01", "--allow", "T001,T004", "--pin", "sha256:"+pin, "-o", "yaml", "-O", "out.pem")
	if err != nil {
		t.Fatal(err)
	}
	want := certificates.Check{Target: cabundle.AKS, Now: catest.Date(2027, 3, 1), Allow: []string{"T001", "T004"}}
	if diff := cmp.Diff(want, o.Check); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(o.Pins) != 1 || o.Output.Format() != "yaml" || o.File.Name != "out.pem" {
		t.Errorf("pins %v, format %s, file %s", o.Pins, o.Output.Format(), o.File.Name)
	}
	if diff := cmp.Diff([]string{"a.pem", "host:443"}, o.Sources); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}

	o, err = parse("a.pem")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(certificates.Check{Target: cabundle.Generic}, o.Check, cmpopts.IgnoreFields(certificates.Check{}, "Now")); diff != "" {
		t.Errorf("without flags (-want +got):\n%s", diff)
	}
}

func TestCommandLineIsRefused(t *testing.T) {
	for _, tt := range []struct {
		want string
		args []string
	}{
		{`no source given`, nil},
		{`--output "wide": must be one of json, yaml, pem`, []string{"a", "-o", "wide"}},
		{`--output-file -: leave it out to write to stdout`, []string{"a", "-O", "-"}},
		{`--output-file "out/": must be a file`, []string{"a", "-O", "out/"}},
		{`--target "gke": must be one of generic, aks`, []string{"a", "--target", "gke"}},
		{`--allow "C101": unknown finding`, []string{"a", "--allow", "C101"}},
		{`--as-of "soon": must be a date such as 2027-03-01`, []string{"a", "--as-of", "soon"}},
		{`--pin "sha256:12": must be sha256: followed by the 64 hex digits of a certificate's fingerprint`, []string{"a", "--pin", "sha256:12"}},
	} {
		if o, err := parse(tt.args...); err == nil || err.Error() != tt.want || o != nil {
			t.Errorf("%q: error %v, want %s; Run is called: %t", tt.args, err, tt.want, o != nil)
		}
	}
}

func TestPasswordFileIsReadByRun(t *testing.T) {
	o, err := parse("a.pem", "--password-file", filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatalf("complete reads it: %v", err)
	}
	if err := Run(t.Context(), o); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "--password-file: ") {
		t.Errorf("Run: %v", err)
	}
}

// run bundles what is on stdin, and returns what is printed.
func run(t *testing.T, stdin []byte, change func(*Options)) (stdout, stderr string, err error) {
	t.Helper()
	var out, talk bytes.Buffer
	o := &Options{
		IO:     iostreams.IO{In: bytes.NewReader(stdin), Out: &out, Err: &talk},
		Output: output.ForData(output.PEM), Sources: []string{"-"},
		Check: certificates.Check{Target: cabundle.Generic, Now: catest.Date(2026, 11, 22)},
	}
	change(o)
	err = Run(t.Context(), o)
	return out.String(), talk.String(), err
}

func unchanged(*Options) {}

func TestOutputFileHasTheResultOfStdout(t *testing.T) {
	root := catest.PEM(catest.Root("Old"), catest.Root("New"))
	want, wantTalk, err := run(t, root, unchanged)
	if err != nil || !strings.HasPrefix(want, "# CN=New, until 2036-01-01") {
		t.Fatalf("%v, stdout\n%s", err, want)
	}
	file := filepath.Join(t.TempDir(), "roots.pem")
	out, talk, err := run(t, root, func(o *Options) { o.File.Name = file })
	if out != "" || talk != wantTalk || err != nil {
		t.Errorf("%v, stdout %q, messages %q", err, out, talk)
	}
	if got, err := os.ReadFile(file); string(got) != want || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(want, string(got)))
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm()&^0o644 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOutputFileIsLeftAloneByAFailure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "roots.pem")
	for name, tt := range map[string]struct {
		stdin []byte
		fails func(error) bool
	}{
		"errors found":    {catest.PEM(catest.Root("Old").Leaf("web")), func(err error) bool { return errors.Is(err, cmdutil.ErrFound) }},
		"unreadable":      {[]byte("no certificate"), func(err error) bool { return err != nil && !errors.Is(err, cmdutil.ErrFound) }},
		"nothing to keep": {[]byte("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"), func(err error) bool { return err != nil }},
	} {
		if err := os.WriteFile(file, []byte("as it was"), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _, err := run(t, tt.stdin, func(o *Options) { o.File.Name = file })
		if !tt.fails(err) || out != "" {
			t.Errorf("%s: %v, stdout %q", name, err, out)
		}
		if got, err := os.ReadFile(file); string(got) != "as it was" || err != nil {
			t.Errorf("%s: the file is %q, %v", name, got, err)
		}
		if entries, err := os.ReadDir(filepath.Dir(file)); len(entries) != 1 || err != nil {
			t.Errorf("%s: the folder has %v, %v", name, entries, err)
		}
	}
}

func TestJSON(t *testing.T) {
	out, _, err := run(t, catest.PEM(catest.Root("Old"), catest.Root("Old")), func(o *Options) { o.Output.Set("json") })
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		APIVersion, Kind, Target, Bundle string
		Items                            []struct{ Subject string }
		Findings                         []struct{ ID, Bundle string }
	}
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.UseNumber()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.APIVersion != "kubectl-certs.dev/v1alpha1" || got.Kind != "CABundle" || got.Target != "generic" || !strings.HasPrefix(got.Bundle, "# CN=Old, ") {
		t.Errorf("is\n%s", out)
	}
	if len(got.Items) != 1 || got.Items[0].Subject != "CN=Old" || len(got.Findings) != 1 || got.Findings[0].ID != "T014" || got.Findings[0].Bundle != "dropped" {
		t.Errorf("has\n%s", out)
	}
}

func TestPinsNeedAServer(t *testing.T) {
	_, _, err := run(t, catest.PEM(catest.Root("Old")), func(o *Options) { o.Pins = []cabundle.Pin{{}} })
	if err == nil || err.Error() != "--pin can only be used with a source HOST:PORT" {
		t.Errorf("error %v", err)
	}
}

func TestAllowIsSuggested(t *testing.T) {
	leaf := catest.PEM(catest.Root("Old").Leaf("web"), catest.Root("Old"))
	_, talk, err := run(t, leaf, unchanged)
	if want := "nothing written: 1 error cannot be repaired; to write it anyway, add --allow T001\n"; !strings.HasSuffix(talk, want) || !errors.Is(err, cmdutil.ErrFound) {
		t.Errorf("%v, messages\n%s", err, talk)
	}
	out, _, err := run(t, leaf, func(o *Options) { o.Check.Allow = []string{"T001"} })
	if strings.Count(out, "BEGIN") != 2 || err != nil {
		t.Errorf("allowed: %v, stdout\n%s", err, out)
	}
}

func TestPasswordIsNeeded(t *testing.T) {
	store, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "testdata", "trust", "store-other-password.p12"))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = run(t, store, unchanged)
	if text, ok := hint.Of(err); !ok || text != "write the password to a file and use --password-file" {
		t.Errorf("error %v, hint %q", err, text)
	}
}
