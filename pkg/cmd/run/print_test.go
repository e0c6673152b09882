package run

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

// printed returns what a function prints, stderr after stdout.
func printed(progress bool, f func(iostreams.IO)) string {
	var out, messages bytes.Buffer
	io, flush := iostreams.IO{Out: &out, Err: &messages, Progress: progress}.Safe()
	f(io)
	flush()
	return out.String() + "-- stderr --\n" + messages.String()
}

func TestPrintPlan(t *testing.T) {
	planned := operator.Row{
		Namespace: "shop", Secret: "web-tls", Names: []string{"web.example.com", "api.example.com", "cdn.example.com"},
		Issuer: "ClusterIssuer letsencrypt", RequestedBy: "Ingress/web", Action: issuance.Planned, Why: "due", Detail: "by the CA",
		Challenges: []string{"http-01 static", "dns-01 route53"}, Cost: "3 of 50 this week (example.com)",
	}
	bare := operator.Row{Namespace: "shop", Secret: "api-tls", Issuer: "Issuer shop/own", Action: issuance.Planned, Why: "missing"}
	deferred := operator.Row{Namespace: "shop", Secret: "old-tls", RequestedBy: "Certificate/old", Action: issuance.Deferred, Detail: "no solver fits old.example.com"}
	fine := operator.Row{Namespace: "shop", Secret: "fine-tls", Action: issuance.UpToDate}
	for name, tt := range map[string]struct {
		rows   []operator.Row
		format planFormat
		want   string
	}{
		"nothing": {nil, planFormat{most: 60}, "-- stderr --\n0 certificates: 0 to issue, 0 deferred, 0 up to date\n"},
		"each kind of row": {[]operator.Row{deferred, planned, fine, bare}, planFormat{most: 60}, `
NAMESPACE   SECRET    NAMES                ISSUER            WHY             CHALLENGE                        COST
shop        web-tls   web.example.com +2   letsencrypt       due by the CA   http-01 static, dns-01 route53   3 of 50 this week (example.com)
shop        api-tls                        Issuer shop/own   missing                                          
-- stderr --
deferred: shop/old-tls (Certificate/old): no solver fits old.example.com
4 certificates: 2 to issue, 1 deferred, 1 up to date
`},
		"more than fit": {[]operator.Row{bare, bare, bare}, planFormat{most: 1}, `
NAMESPACE   SECRET    NAMES   ISSUER            WHY       CHALLENGE   COST
shop        api-tls           Issuer shop/own   missing               
and 2 more
-- stderr --
3 certificates: 3 to issue, 0 deferred, 0 up to date
`},
		"wide": {[]operator.Row{planned}, planFormat{most: 60, wide: true}, `
NAMESPACE   SECRET    NAMES                                             ISSUER        WHY             CHALLENGE                        COST                              REQUESTED-BY
shop        web-tls   web.example.com,api.example.com,cdn.example.com   letsencrypt   due by the CA   http-01 static, dns-01 route53   3 of 50 this week (example.com)   Ingress/web
-- stderr --
1 certificate: 1 to issue, 0 deferred, 0 up to date
`},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			got := printed(false, func(io iostreams.IO) { err = printPlan(io, tt.rows, tt.format) })
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestConsoleReporter: first the plan, sorted and with the last row of each
// Secret, then a line for each certificate.
func TestConsoleReporter(t *testing.T) {
	at := func(kind issuance.Kind, name string, change func(*issuance.Event)) issuance.Event {
		e := issuance.Event{Kind: kind, Entry: issuance.Entry{Ref: issuance.Ref{Namespace: "shop", Name: name}}}
		if change != nil {
			change(&e)
		}
		return e
	}
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		events := []issuance.Event{
			at(issuance.Planned, "b", nil), at(issuance.UpToDate, "c", nil), at(issuance.Planned, "a", nil), at(issuance.Planned, "c", nil), {Kind: issuance.Begun},
			at(issuance.Advanced, "a", func(e *issuance.Event) { e.State = issuance.Presenting }), at(issuance.Advanced, "b", func(e *issuance.Event) { e.State = issuance.Ordered }),
			at(issuance.Noted, "a", func(e *issuance.Event) { e.Note = "deleted CertificateRequest a-1" }),
			at(issuance.Done, "a", func(e *issuance.Event) {
				e.Took, e.At, e.Entry.Secret.NotAfter = 1234*time.Millisecond, now.Add(60*24*time.Hour), now.Add(90*24*time.Hour)
			}),
			at(issuance.Failed, "b", func(e *issuance.Event) {
				e.Err, e.At = errors.New("the CA refuses\nbecause of b.example.com"), now.Add(10*time.Minute)
				e.Entry.Journal.Version = "1"
				e.Entry.Secret = issuance.SecretState{Exists: true, NotAfter: now.Add(20 * 24 * time.Hour)}
			}),
			at(issuance.Failed, "c", func(e *issuance.Event) { e.Err = errors.New("no account") }),
			at(issuance.Deferred, "d", func(e *issuance.Event) { e.Decision.Deferred = "the Secret was created by helm" }),
		}
		const want = `NAMESPACE   SECRET   NAMES   ISSUER   WHY       CHALLENGE   COST
shop        a                         missing               
shop        b                         missing               
shop        c                         missing               
✓ shop/a  issued in 1.2s, valid until 2000-03-31, renews about 2000-03-01
✗ shop/b  the CA refuses
    because of b.example.com
✗ shop/c  no account
✗ shop/d  deferred: the Secret was created by helm
-- stderr --
3 certificates: 3 to issue, 0 deferred, 0 up to date
note: shop/a: deleted CertificateRequest a-1
  retry in 10m, or now: kubectl certs renew b -n shop; the old certificate is valid for 20d
`
		row := func(e issuance.Event) operator.Row {
			return operator.Row{Namespace: e.Entry.Ref.Namespace, Secret: e.Entry.Ref.Name, Action: e.Kind, Why: "missing"}
		}
		report := func(progress bool) string {
			return printed(progress, func(io iostreams.IO) {
				c := consoleReporter{io: io, row: row, tally: newTally()}
				for _, e := range events {
					c.report(e)
				}
			})
		}
		if diff := cmp.Diff(want, report(false)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := report(true); !strings.Contains(got, "\n0 of 3 done; 1 proving"+iostreams.ClearLine) || !strings.HasSuffix(got, "is valid for 20d\n") {
			t.Errorf("on a terminal:\n%q", got)
		}
	})
}

// TestOldCertificateIsMentioned: only if it is still valid.
func TestOldCertificateIsMentioned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		valid := issuance.SecretState{Exists: true, NotAfter: time.Now().Add(5 * time.Hour)}
		temporary, damaged, expired := valid, valid, valid
		temporary.Temporary, damaged.Damage, expired.NotAfter = true, issuance.NoKey, time.Now().Add(-time.Hour)
		for _, have := range []issuance.SecretState{{}, temporary, damaged, expired} {
			if got := oldCertificate(have); got != "" {
				t.Errorf("%+v: %q", have, got)
			}
		}
		if got := oldCertificate(valid); got != "; the old certificate is valid for 5h" {
			t.Errorf("got %q", got)
		}
	})
}

func TestReportLease(t *testing.T) {
	tally := newTally()
	got := printed(false, func(io iostreams.IO) {
		o := &Options{IO: io, Settings: operator.Options{LeaseDuration: 15 * time.Second}}
		report := o.reportLease(tally)
		report(operator.LeaseEvent{State: operator.LeaseWaiting, Lease: "shop/run", Holder: "other_1"})
		report(operator.LeaseEvent{State: operator.LeaseHeld, Lease: "shop/run"})
		if got := tally.String(); got != "nothing ordered; not finished in time: the Lease shop/run" {
			t.Errorf("while it is held: %s", got)
		}
		report(operator.LeaseEvent{State: operator.LeaseKept, Lease: "shop/run"})
		report(operator.LeaseEvent{State: operator.LeaseReleased, Lease: "shop/run"})
	})
	const want = `-- stderr --
waiting: other_1 is the leader (Lease shop/run)
warning: release Lease shop/run: no response from the cluster; the next run waits up to 15s for it
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := tally.String(); got != "nothing ordered" {
		t.Errorf("after the release: %s", got)
	}
}
