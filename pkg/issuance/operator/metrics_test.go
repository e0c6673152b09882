package operator

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// eventAbout is an event about a requested Secret.
func eventAbout(secret string, e issuance.Event) issuance.Event {
	ref := issuance.Ref{Namespace: "shop", Name: secret}
	e.Entry.Ref = ref
	e.Entry.Demand = &issuance.Demand{Ref: ref, Issuer: issuance.Issuer{Kind: "ClusterIssuer", Name: "acme"}}
	e.Entry.Demand.By.Kind, e.Entry.Demand.By.Name = "Certificate", "web"
	return e
}

// lines returns the lines of our own metrics, save for the histogram's buckets.
func lines(t *testing.T, m *metrics) []string {
	t.Helper()
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	var found []string
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "kubectl_certs_") && !strings.Contains(line, "_bucket{") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func TestMetrics(t *testing.T) {
	expires := func(e issuance.Event, seconds int64) issuance.Event {
		e.Entry.Secret.NotAfter = time.Unix(seconds, 0)
		return e
	}
	gone := eventAbout("web", issuance.Event{Kind: issuance.NotRequested})
	gone.Entry.Demand = nil
	for name, tt := range map[string]struct {
		events []issuance.Event
		want   []string
	}{
		"nothing": {nil, []string{
			"kubectl_certs_issue_duration_seconds_sum 0", "kubectl_certs_issue_duration_seconds_count 0", "kubectl_certs_orders_under_way 0",
		}},
		"valid": {[]issuance.Event{expires(eventAbout("web", issuance.Event{Kind: issuance.UpToDate, At: time.Unix(1000, 0), Decision: issuance.Decision{Detail: "by the CA"}}), 2000)}, []string{
			`kubectl_certs_certificate_expiration_timestamp_seconds{namespace="shop",secret="web"} 2000`,
			`kubectl_certs_certificate_renewal_timestamp_seconds{namespace="shop",secret="web",source="the CA"} 1000`,
			`kubectl_certs_certificate_status{namespace="shop",secret="web",status="ok"} 1`,
			"kubectl_certs_issue_duration_seconds_sum 0", "kubectl_certs_issue_duration_seconds_count 0", "kubectl_certs_orders_under_way 0",
		}},
		"an order and its end": {[]issuance.Event{
			eventAbout("web", issuance.Event{Kind: issuance.Planned, Cost: ratelimit.Cost{Limit: ratelimit.PerDomain, Used: 25, Most: 50}}),
			eventAbout("web", issuance.Event{Kind: issuance.Advanced}),
			expires(eventAbout("web", issuance.Event{Kind: issuance.Done, Decision: issuance.Decision{Why: issuance.Missing}, Took: 2 * time.Second}), 2000),
		}, []string{
			`kubectl_certs_certificate_expiration_timestamp_seconds{namespace="shop",secret="web"} 2000`,
			`kubectl_certs_certificate_status{namespace="shop",secret="web",status="issued"} 1`,
			"kubectl_certs_issue_duration_seconds_sum 2", "kubectl_certs_issue_duration_seconds_count 1",
			`kubectl_certs_issued_total{issuer="ClusterIssuer acme",why="missing"} 1`,
			"kubectl_certs_orders_under_way 0",
			`kubectl_certs_rate_limit_used_ratio{issuer="ClusterIssuer acme",limit="domain"} 0.5`,
		}},
		"orders under way": {[]issuance.Event{
			eventAbout("web", issuance.Event{Kind: issuance.Advanced}), eventAbout("web", issuance.Event{Kind: issuance.Advanced}), eventAbout("api", issuance.Event{Kind: issuance.Advanced}),
			{Kind: issuance.Begun},
		}, []string{
			"kubectl_certs_issue_duration_seconds_sum 0", "kubectl_certs_issue_duration_seconds_count 0", "kubectl_certs_orders_under_way 2",
		}},
		"failures": {[]issuance.Event{
			eventAbout("web", issuance.Event{Kind: issuance.Failed, Err: &issuance.Failure{Reason: issuance.ReasonSolver}}),
			eventAbout("web", issuance.Event{Kind: issuance.Failed, Err: errors.New("connection refused")}),
		}, []string{
			`kubectl_certs_certificate_status{namespace="shop",secret="web",status="failed"} 1`,
			`kubectl_certs_failures_total{issuer="ClusterIssuer acme",reason="solver"} 1`,
			`kubectl_certs_failures_total{issuer="ClusterIssuer acme",reason="unavailable"} 1`,
			"kubectl_certs_issue_duration_seconds_sum 0", "kubectl_certs_issue_duration_seconds_count 0", "kubectl_certs_orders_under_way 0",
		}},
		"no longer requested": {[]issuance.Event{eventAbout("web", issuance.Event{Kind: issuance.UpToDate}), gone}, []string{
			"kubectl_certs_issue_duration_seconds_sum 0", "kubectl_certs_issue_duration_seconds_count 0", "kubectl_certs_orders_under_way 0",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMetrics()
			for _, e := range tt.events {
				m.observe(e)
			}
			if diff := cmp.Diff(tt.want, lines(t, m)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHealth(t *testing.T) {
	m := newMetrics()
	status := func(path string) int {
		w := httptest.NewRecorder()
		m.handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	before := []int{status("/healthz"), status("/readyz")}
	m.ready.Store(true)
	after := []int{status("/healthz"), status("/readyz")}
	if diff := cmp.Diff([][]int{{200, 503}, {200, 200}}, [][]int{before, after}); diff != "" {
		t.Errorf("healthz and readyz before and after the cluster was read (-want +got):\n%s", diff)
	}
}
