package cli

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// metrics are what Prometheus may ask of a run that keeps running.
type metrics struct {
	registry *prometheus.Registry
	expiry   *prometheus.GaugeVec
	renewal  *prometheus.GaugeVec
	state    *prometheus.GaugeVec
	issued   *prometheus.CounterVec
	failures *prometheus.CounterVec
	duration prometheus.Histogram
	ready    atomic.Bool
}

func newMetrics() *metrics {
	secret := []string{"namespace", "secret"}
	issuer := []string{"issuer"}
	gauge := func(name, help string, labels []string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kubectl_certs_" + name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		expiry:   gauge("certificate_expiration_timestamp_seconds", "When the certificate expires.", secret),
		renewal:  gauge("certificate_renewal_timestamp_seconds", "When the certificate is to be renewed, or tried again.", secret),
		state:    gauge("certificate_status", "1 for how it stands with the certificate: ok, planned, failed or held.", append(secret, "status")),
		issued:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubectl_certs_issued_total", Help: "Certificates issued and stored."}, append(issuer, "why")),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubectl_certs_failures_total", Help: "Tries that failed."}, append(issuer, "reason")),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kubectl_certs_issue_duration_seconds", Help: "From the order to the stored certificate.", Buckets: prometheus.ExponentialBuckets(0.1, 2, 14),
		}),
	}
	m.registry.MustRegister(m.expiry, m.renewal, m.state, m.issued, m.failures, m.duration,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
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
	ref := e.Entry.Ref
	if e.Kind == run.Advanced || e.Kind == run.Begun {
		return
	}
	m.state.DeletePartialMatch(prometheus.Labels{"namespace": ref.Namespace, "secret": ref.Name})
	m.state.WithLabelValues(ref.Namespace, ref.Name, string(e.Kind)).Set(1)
	if at := e.Entry.Have.NotAfter; !at.IsZero() {
		m.expiry.WithLabelValues(ref.Namespace, ref.Name).Set(float64(at.Unix()))
	}
	if !e.At.IsZero() {
		m.renewal.WithLabelValues(ref.Namespace, ref.Name).Set(float64(e.At.Unix()))
	}
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
