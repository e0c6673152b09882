package status

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

// printed returns what a function prints, stderr after stdout.
func printed(f func(*Options)) string {
	var out, messages bytes.Buffer
	io, flush := iostreams.IO{Out: &out, Err: &messages}.Safe()
	f(&Options{IO: io, Output: output.ForRows(), Program: "kubectl certs", Namespace: func() (string, error) { return "shop", nil }})
	flush()
	return out.String() + "-- stderr --\n" + messages.String()
}

func TestPrintStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		rows := []operator.StatusRow{
			{Row: operator.Row{Namespace: "shop", Secret: "a", Names: []string{"a.example.com"}, Issuer: "ClusterIssuer acme", RequestedBy: "Ingress/a", Action: issuance.UpToDate}, Expires: now.Add(72 * time.Hour), Renews: now.Add(-3 * time.Hour), Status: "ok"},
			{Row: operator.Row{Namespace: "shop", Secret: "b", Issuer: "Issuer shop/own", RequestedBy: "Certificate/b", Action: issuance.Planned}, Expires: now.Add(-5 * time.Minute), Status: "expired"},
			{Row: operator.Row{Namespace: "shop", Secret: "c", Issuer: "ClusterIssuer acme", RequestedBy: "Certificate/c", Action: issuance.Deferred}, Status: "no issuer"},
		}
		const table = `NAMESPACE   SECRET   NAMES           ISSUER            EXPIRES      RENEWS       REQUESTED-BY    STATUS
shop        b                        Issuer shop/own   expired 5m   -            Certificate/b   expired
shop        c                        acme              -            -            Certificate/c   no issuer
shop        a        a.example.com   acme              3d           overdue 3h   Ingress/a       ok
-- stderr --
3 certificates: 1 ok, 2 need attention
`
		for _, tt := range []struct {
			name  string
			rows  []operator.StatusRow
			check bool
			err   error
			want  string
		}{
			{"without --check", rows, false, nil, table},
			{"with --check", rows, true, cmdutil.ErrFound, table},
			{"all well", rows[:1], true, nil, `NAMESPACE   SECRET   NAMES           ISSUER   EXPIRES   RENEWS       REQUESTED-BY   STATUS
shop        a        a.example.com   acme     3d        overdue 3h   Ingress/a      ok
-- stderr --
1 certificate: 1 ok, 0 need attention
`},
			{"nothing requested", nil, true, nil, "-- stderr --\nNo certificates requested in namespace shop.\n"},
		} {
			var err error
			got := printed(func(o *Options) {
				o.Check = tt.check
				err = o.print(slices.Clone(tt.rows))
			})
			if diff := cmp.Diff(tt.want, got); diff != "" || err != tt.err {
				t.Errorf("%s: %v, (-want +got):\n%s", tt.name, err, diff)
			}
		}
	})
}

func TestFormats(t *testing.T) {
	rows := []operator.StatusRow{
		{Row: operator.Row{Namespace: "shop", Secret: "a", Names: []string{"a.example.com", "b.example.com"}, Issuer: "ClusterIssuer acme", RequestedBy: "Ingress/a", Action: issuance.Planned, Why: "missing"}, Failures: 2, Status: "missing"},
	}
	for format, want := range map[string]string{
		"wide": `NAMESPACE   SECRET   NAMES                         ISSUER   EXPIRES   RENEWS   REQUESTED-BY   STATUS    FAILURES
shop        a        a.example.com,b.example.com   acme     -         -        Ingress/a      missing   2
-- stderr --
1 certificate: 0 ok, 1 needs attention
`,
		"name":                       "secret/a\n-- stderr --\n",
		"jsonpath={.items[*].names}": "[\"a.example.com\",\"b.example.com\"]-- stderr --\n",
		"yaml": `apiVersion: kubectl-certs.dev/v1alpha1
items:
- action: planned
  failures: 2
  issuer: ClusterIssuer acme
  names:
  - a.example.com
  - b.example.com
  namespace: shop
  requestedBy: Ingress/a
  secret: a
  status: missing
  why: missing
kind: CertificateStatusList
-- stderr --
`,
	} {
		got := printed(func(o *Options) {
			o.Output.Set(format)
			if err := o.print(rows); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}

// TestCauses: a long cause is cut in the table and printed below it in full, with
// the command that tries again after a failed order.
func TestCauses(t *testing.T) {
	const cause = "HTTP-01 of a.example.com: http://a.example.com/: connection refused"
	rows := []operator.StatusRow{
		{Row: operator.Row{Namespace: "shop", Secret: "a", Issuer: "ClusterIssuer acme", RequestedBy: "Ingress/a", Action: issuance.Deferred}, Failures: 2, Status: cause},
		{Row: operator.Row{Namespace: "shop", Secret: "b", Issuer: "ClusterIssuer acme", RequestedBy: "Ingress/b", Action: issuance.Planned}, Status: "missing"},
	}
	for format, want := range map[string]string{
		"": `NAMESPACE   SECRET   NAMES   ISSUER   EXPIRES   RENEWS   REQUESTED-BY   STATUS
shop        a                acme     -         -        Ingress/a      HTTP-01 of a.example.com: http://a.exam…
shop        b                acme     -         -        Ingress/b      missing
-- stderr --
shop/a: ` + cause + `
  to try again now: kubectl certs renew a -n shop
2 certificates: 0 ok, 2 need attention
`,
		"wide": `NAMESPACE   SECRET   NAMES   ISSUER   EXPIRES   RENEWS   REQUESTED-BY   STATUS                                                                FAILURES
shop        a                acme     -         -        Ingress/a      ` + cause + `   2
shop        b                acme     -         -        Ingress/b      missing                                                               0
-- stderr --
2 certificates: 0 ok, 2 need attention
`,
	} {
		got := printed(func(o *Options) {
			o.Output.Set(format)
			if err := o.print(slices.Clone(rows)); err != nil {
				t.Error(err)
			}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-o %q (-want +got):\n%s", format, diff)
		}
	}
}
