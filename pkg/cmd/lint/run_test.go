package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
)

// shop has an error on line 2, and two notes.
const shop = `
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: le}, spec: {acme: {server: "https://acme-staging-v02.api.letsencrypt.org/directory", email: me@example.com, privateKeySecretRef: {name: le}, solvers: [{http01: {ingress: {ingressClassName: nginx}}}]}}}
`

// run checks a manifest on stdin, and returns what is printed.
func run(t *testing.T, manifest string, change func(*Options)) (stdout, stderr string, err error) {
	t.Helper()
	var out, talk bytes.Buffer
	o := &Options{
		IO:      iostreams.IO{In: strings.NewReader(manifest), Out: &out, Err: &talk},
		Version: "v1.2.3", Output: output.ForFindings(), FailOn: "warning", Paths: []string{"-"},
	}
	o.Project.Stdin = o.IO.In
	o.Project.Now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	change(o)
	err = Run(t.Context(), o)
	return out.String(), talk.String(), err
}

func TestFailOnDecidesTheExitCode(t *testing.T) {
	const allowed = "C203,C204"
	for _, tt := range []struct {
		failOn, allow string
		found         bool
	}{
		{"error", "", true}, {"warning", "", true}, {"note", "", true}, {"never", "", false},
		{"error", allowed, false}, {"warning", allowed, false}, {"note", allowed, true}, {"never", allowed, false},
	} {
		_, _, err := run(t, shop, func(o *Options) { o.FailOn, o.Allow = tt.failOn, strings.Split(tt.allow, ",") })
		if found := errors.Is(err, cmdutil.ErrFound); found != tt.found || err != nil && !found {
			t.Errorf("--fail-on %s --allow %s: %v", tt.failOn, tt.allow, err)
		}
	}
}

func TestSummaryOnStderr(t *testing.T) {
	for format, want := range map[string]string{
		"": "1 object: 1 error, 1 note\n", "wide": "1 object: 1 error, 1 note\n", "json": "", "yaml": "", "github": "", "sarif": "",
	} {
		out, talk, err := run(t, shop, func(o *Options) { o.Output.Set(format) })
		if talk != want || out == "" || !errors.Is(err, cmdutil.ErrFound) {
			t.Errorf("-o %s: %v, messages %q, want %q; output\n%s", format, err, talk, want, out)
		}
	}
}

func TestUnreadableInputIsReportedLast(t *testing.T) {
	out, _, err := run(t, shop, func(o *Options) { o.Paths = []string{"nothing", "-"} })
	if err == nil || err.Error() != "nothing: no such file or folder" || !strings.HasPrefix(out, "stdin:2: error C204: ") {
		t.Errorf("error %v, output\n%s", err, out)
	}
}

func TestNoFindingsAreAnEmptyList(t *testing.T) {
	out, _, err := run(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", func(o *Options) { o.Output.Set("json") })
	want := "{\n  \"apiVersion\": \"kubectl-certs.dev/v1alpha1\",\n  \"items\": [],\n  \"kind\": \"FindingList\"\n}\n"
	if diff := cmp.Diff(want, out); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestSARIF holds a log to what SARIF 2.1.0 demands of one, and to what code
// scanning needs: sections 3.13, 3.14, 3.18, 3.19, 3.27 and 3.49.
func TestSARIF(t *testing.T) {
	out, _, _ := run(t, shop, func(o *Options) { o.Output.Set("sarif") })
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name, Version, InformationURI string
					Rules                         []struct {
						ID                                string
						ShortDescription, FullDescription struct{ Text string }
					}
				}
			}
			ColumnKind string
			Results    []struct {
				RuleID, Level string
				RuleIndex     int
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
					LogicalLocations []struct{ FullyQualifiedName string }
				}
			}
		}
	}
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&log); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	if d := run.Tool.Driver; d.Name != "kubectl-certs" || d.Version != "v1.2.3" || !strings.HasPrefix(d.InformationURI, "https://") {
		t.Errorf("the tool is %+v", d)
	}
	var got []string
	for _, r := range run.Results {
		rule := run.Tool.Driver.Rules[r.RuleIndex]
		if rule.ID != r.RuleID || rule.ShortDescription.Text == "" || rule.FullDescription.Text == "" {
			t.Errorf("%s has rule %+v", r.RuleID, rule)
		}
		at := r.Locations[0]
		if at.PhysicalLocation.ArtifactLocation.URI != "stdin" || at.PhysicalLocation.Region.StartLine != 2 || r.Message.Text == "" {
			t.Errorf("%s %q is at %+v", r.RuleID, r.Message.Text, at)
		}
		got = append(got, r.Level+" "+r.RuleID+" "+at.LogicalLocations[0].FullyQualifiedName)
	}
	want := []string{"error C204 ClusterIssuer/le spec.acme.email", "note C203 ClusterIssuer/le spec.acme.server"}
	if diff := cmp.Diff(want, got); diff != "" || len(run.Tool.Driver.Rules) != 2 {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExplain(t *testing.T) {
	explained := func(id string) string {
		out, _, err := run(t, "", func(o *Options) { o.Explain, o.Program = id, "prog" })
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := explained("C406"); !strings.HasPrefix(out, "C406  note  ") || !strings.HasSuffix(out, "\nfix: run prog trust inspect FILE --password-file PASSWORD-FILE\n") {
		t.Errorf("C406 is\n%s", out)
	}
	if lines := strings.Count(explained("all"), "\n"); lines != len(rules()) {
		t.Errorf("%d lines for %d rules", lines, len(rules()))
	}
}
