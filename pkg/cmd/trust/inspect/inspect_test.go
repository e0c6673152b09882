package inspect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
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
	o, err := parse("a.pem", "-", "--target", "aks", "--as-of", "2027-03-01", "--allow", "T004", "-o", "wide", "--color", "always")
	if err != nil {
		t.Fatal(err)
	}
	want := certificates.Check{Target: cabundle.AKS, Now: catest.Date(2027, 3, 1), Allow: []string{"T004"}}
	if diff := cmp.Diff(want, o.Check); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if o.Output.Format() != "wide" || o.Color.Mode != "always" || o.Version != "v1" || len(o.Sources) != 2 {
		t.Errorf("format %s, color %s, version %s, sources %v", o.Output.Format(), o.Color.Mode, o.Version, o.Sources)
	}
}

func TestCommandLineIsRefused(t *testing.T) {
	for _, tt := range []struct {
		want string
		args []string
	}{
		{`no source given`, nil},
		{`--output "pem": must be one of text, wide, json, yaml, github, sarif`, []string{"a", "-o", "pem"}},
		{`--color "red": must be one of auto, always, never`, []string{"a", "--color", "red"}},
		{`--target "gke": must be one of generic, aks`, []string{"a", "--target", "gke"}},
		{`--allow "T999": unknown finding`, []string{"a", "--allow", "T004,T999"}},
		{`--as-of "1 May": must be a date such as 2027-03-01`, []string{"a", "--as-of", "1 May"}},
	} {
		if o, err := parse(tt.args...); err == nil || err.Error() != tt.want || o != nil {
			t.Errorf("%q: error %v, want %s; Run is called: %t", tt.args, err, tt.want, o != nil)
		}
	}
}

// run inspects what is on stdin, and returns what is printed.
func run(t *testing.T, stdin []byte, change func(*Options)) (stdout, stderr string, err error) {
	t.Helper()
	var out, talk bytes.Buffer
	o := &Options{
		IO:     iostreams.IO{In: bytes.NewReader(stdin), Out: &out, Err: &talk},
		Output: output.ForFindings(), Sources: []string{"-"},
		Check: certificates.Check{Target: cabundle.Generic, Now: catest.Date(2026, 11, 22)},
	}
	change(o)
	err = Run(t.Context(), o)
	return out.String(), talk.String(), err
}

func TestErrorsAloneAreFound(t *testing.T) {
	for name, tt := range map[string]struct {
		certs   []any
		summary string
		found   bool
	}{
		"good":      {[]any{catest.Root("Old")}, "1 certificate: nothing found", false},
		"a warning": {[]any{catest.Root("Old"), catest.Root("Old")}, "2 certificates: 1 warning", false},
		"an error":  {[]any{catest.Root("Old").Leaf("web")}, "1 certificate: 1 error, 1 warning", true},
	} {
		t.Run(name, func(t *testing.T) {
			out, talk, err := run(t, catest.PEM(tt.certs...), func(*Options) {})
			if talk != tt.summary+"\n" || errors.Is(err, cmdutil.ErrFound) != tt.found || err != nil && !tt.found {
				t.Errorf("%v, messages %q, want %q", err, talk, tt.summary)
			}
			if blank := strings.Contains(out, "\n\nstdin:"); blank != strings.Contains(out, "stdin:") {
				t.Errorf("no blank line between the table and the findings:\n%s", out)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	leaf := catest.PEM(catest.Root("Old").Leaf("web"))
	for format, want := range map[string]string{
		"wide":   "SUBJECT",
		"json":   "{\n  \"apiVersion\": \"kubectl-certs.dev/v1alpha1\",",
		"yaml":   "apiVersion: kubectl-certs.dev/v1alpha1\nfindings:\n- ",
		"github": "::error file=stdin,line=1,title=T001::CN=web: ",
		"sarif":  "{\n  \"$schema\": ",
	} {
		out, _, err := run(t, leaf, func(o *Options) { o.Output.Set(format) })
		if !strings.HasPrefix(out, want) || !errors.Is(err, cmdutil.ErrFound) {
			t.Errorf("-o %s: %v, stdout\n%s", format, err, out)
		}
	}
}

func TestJSON(t *testing.T) {
	out, talk, err := run(t, catest.PEM(catest.Root("Old")), func(o *Options) { o.Output.Set("json") })
	if talk != "" || err != nil {
		t.Errorf("%v, messages %q", err, talk)
	}
	var got struct {
		Kind, Target string
		Items        []struct {
			Subject, Kind string
			Line          int
		}
		Findings []struct{}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Kind != "CACertificateList" || got.Target != "generic" || len(got.Items) != 1 || got.Findings == nil {
		t.Errorf("is\n%s", out)
	}
	if i := got.Items[0]; i.Subject != "CN=Old" || i.Kind != "root" || i.Line != 1 {
		t.Errorf("the item is %+v", i)
	}
}

func TestSARIFHasRulesResultsAndLocations(t *testing.T) {
	out, _, _ := run(t, catest.PEM(catest.Root("Old").Leaf("web")), func(o *Options) { o.Output.Set("sarif"); o.Version = "v1.2.3" })
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name, Version string
					Rules         []struct{ ID string }
				}
			}
			Results []struct {
				RuleID, Level string
				RuleIndex     int
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != 2 {
		t.Fatalf("%v in\n%s", err, out)
	}
	run := log.Runs[0]
	result, driver := run.Results[0], run.Tool.Driver
	if driver.Name != "kubectl-certs" || driver.Version != "v1.2.3" || driver.Rules[result.RuleIndex].ID != "T001" {
		t.Errorf("the tool is %+v", driver)
	}
	at := result.Locations[0].PhysicalLocation
	if result.RuleID != "T001" || result.Level != "error" || at.ArtifactLocation.URI != "stdin" || at.Region.StartLine != 1 {
		t.Errorf("the result is %+v", result)
	}
}
