package config

import (
	"fmt"
	"strings"
	"testing"
)

// manyRoutes is a file of n routes, one issuer and two environments.
func manyRoutes(n int) []byte {
	var b strings.Builder
	b.WriteString(header + `issuers:
- name: letsencrypt
  acme:
    server: letsencrypt
    email: ops@example.com
    solvers:
    - http01: {ingressClassName: nginx}
    - dns01: {cloudDNS: {project: dns}}
      selector: {dnsZones: [example.org]}
expose:
`)
	for i := range n {
		fmt.Fprintf(&b, `- name: app-%[1]d
  namespace: team-%[2]d
  host: app-%[1]d.example.com
  className: nginx
  issuer: letsencrypt
  labels: {app: app-%[1]d}
  routes:
  - {path: /, service: web, port: 80}
  - {path: /api, service: api, port: 8080}
`, i, i%100)
	}
	b.WriteString(`environments:
- name: staging
  className: nginx-staging
  hosts: {example.com: staging.example.com}
  issuers: {letsencrypt: {acme: {server: letsencrypt-staging}}}
- name: prod
  expose: {app-7: {duration: 2160h}}
`)
	return []byte(b.String())
}

// BenchmarkParse must stay linear: time and memory for each route do not grow.
func BenchmarkParse(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := manyRoutes(n)
			if _, err := Parse(nil, "certs.yaml", data); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Parse(nil, "certs.yaml", data); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/route")
		})
	}
}

// BenchmarkParseEnvironments gives every route a change and a host of its own
// in an environment.
func BenchmarkParseEnvironments(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := string(manyRoutes(n)) + "- name: own\n  hosts:\n"
			var hosts, changes strings.Builder
			for i := range n {
				fmt.Fprintf(&hosts, "    app-%[1]d.example.com: own-%[1]d.example.com\n", i)
				fmt.Fprintf(&changes, "    app-%[1]d: {duration: 2160h}\n", i)
			}
			data += hosts.String() + "  expose:\n" + changes.String()
			for b.Loop() {
				if _, err := Parse(nil, "certs.yaml", []byte(data)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/route")
		})
	}
}

// BenchmarkParseErrors has a mistake in every route and in every change.
func BenchmarkParseErrors(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := strings.ReplaceAll(string(manyRoutes(n)), "issuer: letsencrypt", "issuer: letsencript") + "- name: own\n  expose:\n"
			var changes strings.Builder
			for i := range n {
				fmt.Fprintf(&changes, "    ap-%d: {duration: 2160h}\n", i)
			}
			data += changes.String()
			for b.Loop() {
				if _, err := Parse(nil, "certs.yaml", []byte(data)); err == nil {
					b.Fatal("no error")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/route")
		})
	}
}
