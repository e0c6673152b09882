package cli

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// metrics are what Prometheus may ask of a run that keeps running.
type metrics struct {
	registry *prometheus.Registry
	issued   *prometheus.CounterVec
	failures *prometheus.CounterVec
	duration prometheus.Histogram

	lock         sync.Mutex
	certificates map[run.Ref]standing
}

// standing is how it stands with one certificate.
type standing struct {
	expires, renews time.Time
	status          run.Kind
}

func newMetrics() *metrics {
	m := &metrics{
		registry:     prometheus.NewRegistry(),
		certificates: map[run.Ref]standing{},
		issued:       prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubectl_certs_issued_total", Help: "Certificates issued and stored."}, []string{"issuer", "why"}),
		failures:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubectl_certs_failures_total", Help: "Tries that failed."}, []string{"issuer", "reason"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kubectl_certs_issue_duration_seconds", Help: "From the order to the stored certificate.", Buckets: prometheus.ExponentialBuckets(0.1, 2, 14),
		}),
	}
	m.registry.MustRegister(m, m.issued, m.failures, m.duration,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

var (
	expiryMetric  = prometheus.NewDesc("kubectl_certs_certificate_expiration_timestamp_seconds", "When the certificate expires.", []string{"namespace", "secret"}, nil)
	renewalMetric = prometheus.NewDesc("kubectl_certs_certificate_renewal_timestamp_seconds", "When the certificate is to be renewed, or tried again.", []string{"namespace", "secret"}, nil)
	statusMetric  = prometheus.NewDesc("kubectl_certs_certificate_status", "1 for how it stands with the certificate: ok, planned, issued, failed or held.", []string{"namespace", "secret", "status"}, nil)
)

// Describe implements prometheus.Collector.
func (m *metrics) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- expiryMetric
	descriptions <- renewalMetric
	descriptions <- statusMetric
}

// Collect implements prometheus.Collector: what there are ten thousand of is
// made when it is asked for.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for ref, c := range m.certificates {
		out <- prometheus.MustNewConstMetric(statusMetric, prometheus.GaugeValue, 1, ref.Namespace, ref.Name, string(c.status))
		if !c.expires.IsZero() {
			out <- prometheus.MustNewConstMetric(expiryMetric, prometheus.GaugeValue, float64(c.expires.Unix()), ref.Namespace, ref.Name)
		}
		if !c.renews.IsZero() {
			out <- prometheus.MustNewConstMetric(renewalMetric, prometheus.GaugeValue, float64(c.renews.Unix()), ref.Namespace, ref.Name)
		}
	}
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok") // a replica that waits for the Lease answers challenges too
	})
	return mux
}

func (m *metrics) tell(e run.Event) {
	if e.Kind == run.Advanced || e.Kind == run.Begun {
		return
	}
	m.lock.Lock()
	if e.Kind == run.Gone {
		delete(m.certificates, e.Entry.Ref)
	} else {
		m.certificates[e.Entry.Ref] = standing{e.Entry.Have.NotAfter, e.At, e.Kind}
	}
	m.lock.Unlock()
	if e.Entry.Demand == nil {
		return
	}
	issuer := e.Entry.Demand.Issuer.Key().String()
	switch e.Kind {
	case run.Done:
		m.issued.WithLabelValues(issuer, string(e.Decision.Why)).Inc()
		m.duration.Observe(e.Took.Seconds())
	case run.Failed:
		reason := run.ReasonUnavailable
		if f, ok := errors.AsType[*run.Failure](e.Err); ok {
			reason = f.Reason
		}
		m.failures.WithLabelValues(issuer, string(reason)).Inc()
	}
}
