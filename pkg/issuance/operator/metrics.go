package operator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// metrics are the Prometheus metrics of Run. The zero value is not usable; see newMetrics.
type metrics struct {
	registry *prometheus.Registry
	issued   *prometheus.CounterVec
	failures *prometheus.CounterVec
	duration prometheus.Histogram

	budget *prometheus.GaugeVec
	ready  atomic.Bool // the cluster was read once

	lock         sync.Mutex
	certificates map[issuance.Ref]certificateStatus
	underWay     map[issuance.Ref]bool
}

// certificateStatus is the state of one certificate.
type certificateStatus struct {
	expires, renews time.Time
	source          string // of the renewal time
	status          issuance.Kind
}

func newMetrics() *metrics {
	m := &metrics{
		registry:     prometheus.NewRegistry(),
		certificates: map[issuance.Ref]certificateStatus{},
		underWay:     map[issuance.Ref]bool{},
		budget: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "kubectl_certs_rate_limit_used_ratio", Help: "Used fraction of the CA's scarcest rate limit after the latest order that it counts, by the kind of limit: domain, account or set of names.",
		}, []string{"issuer", "limit"}),
		issued:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubectl_certs_issued_total", Help: "Certificates issued and stored."}, []string{"issuer", "why"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubectl_certs_failures_total", Help: "Failed orders."}, []string{"issuer", "reason"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kubectl_certs_issue_duration_seconds", Help: "Time from the order to the stored certificate.", Buckets: prometheus.ExponentialBuckets(0.1, 2, 14),
		}),
	}
	m.registry.MustRegister(m, m.issued, m.failures, m.duration, m.budget,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

var (
	expiryMetric  = prometheus.NewDesc("kubectl_certs_certificate_expiration_timestamp_seconds", "Expiry time of the certificate.", []string{"namespace", "secret"}, nil)
	renewalMetric = prometheus.NewDesc("kubectl_certs_certificate_renewal_timestamp_seconds", "Time of the renewal or the next try, with its source.", []string{"namespace", "secret", "source"}, nil)
	orderMetric   = prometheus.NewDesc("kubectl_certs_orders_under_way", "Orders in progress.", nil, nil)
	statusMetric  = prometheus.NewDesc("kubectl_certs_certificate_status", "1 for the status of the certificate: ok, planned, issued, failed or deferred.", []string{"namespace", "secret", "status"}, nil)
)

// Describe implements prometheus.Collector.
func (m *metrics) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- expiryMetric
	descriptions <- renewalMetric
	descriptions <- statusMetric
	descriptions <- orderMetric
}

// Collect implements prometheus.Collector. Series per certificate, which may be ten thousand,
// are created when they are read.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	m.lock.Lock()
	defer m.lock.Unlock()
	out <- prometheus.MustNewConstMetric(orderMetric, prometheus.GaugeValue, float64(len(m.underWay)))
	for ref, c := range m.certificates {
		out <- prometheus.MustNewConstMetric(statusMetric, prometheus.GaugeValue, 1, ref.Namespace, ref.Name, string(c.status))
		if !c.expires.IsZero() {
			out <- prometheus.MustNewConstMetric(expiryMetric, prometheus.GaugeValue, float64(c.expires.Unix()), ref.Namespace, ref.Name)
		}
		if !c.renews.IsZero() {
			out <- prometheus.MustNewConstMetric(renewalMetric, prometheus.GaugeValue, float64(c.renews.Unix()), ref.Namespace, ref.Name, c.source)
		}
	}
}

// handler serves the metrics and the health checks.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !m.ready.Load() { // a replica without the Lease is ready: it answers challenges
			http.Error(w, "reading the cluster", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}

// observe counts an event.
func (m *metrics) observe(e issuance.Event) {
	m.setStatus(e)
	if e.Entry.Demand == nil {
		return
	}
	issuer := e.Entry.Demand.Issuer.Key().String()
	if e.Cost.Most > 0 {
		m.budget.WithLabelValues(issuer, e.Cost.Limit).Set(float64(e.Cost.Used) / float64(e.Cost.Most))
	}
	switch e.Kind {
	case issuance.Done:
		m.issued.WithLabelValues(issuer, string(e.Decision.Why)).Inc()
		m.duration.Observe(e.Took.Seconds())
	case issuance.Failed:
		reason := issuance.ReasonUnavailable
		if f, ok := errors.AsType[*issuance.Failure](e.Err); ok {
			reason = f.Reason
		}
		m.failures.WithLabelValues(issuer, string(reason)).Inc()
	}
}

// setStatus stores the state of a certificate.
func (m *metrics) setStatus(e issuance.Event) {
	m.lock.Lock()
	defer m.lock.Unlock()
	ref := e.Entry.Ref
	switch e.Kind {
	case issuance.Begun, issuance.Noted:
		return
	case issuance.Advanced:
		m.underWay[ref] = true
		return
	case issuance.NotRequested:
		delete(m.certificates, ref)
	default:
		source := ""
		if e.Kind == issuance.UpToDate {
			source = strings.TrimPrefix(e.Decision.Detail, "by ")
		}
		m.certificates[ref] = certificateStatus{e.Entry.Secret.NotAfter, e.At, source, e.Kind}
	}
	delete(m.underWay, ref)
}
