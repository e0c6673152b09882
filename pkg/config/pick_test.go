package config

import (
	"testing"
)

// TestPick is the order of weight in a file as people write it. That it is
// cert-manager's is in pick_oracle_test.go.
func TestPick(t *testing.T) {
	issuer := parsed(t, `
issuers:
- name: le
  acme:
    server: letsencrypt
    solvers:
    - {http01: {}}                                                                                                                # 0
    - {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}                                                      # 1
    - {dns01: {cloudDNS: {project: b}}, selector: {dnsZones: [deep.example.org, example.net]}}                                    # 2
    - {http01: {}, selector: {dnsNames: [www.example.org]}}                                                                       # 3
    - {http01: {}, selector: {matchLabels: {team: a}}}                                                                            # 4
    - {http01: {}, selector: {matchLabels: {team: a, tier: web}}}                                                                 # 5
    - {http01: {}, selector: {matchLabels: {team: a}, dnsZones: [example.net]}}                                                   # 6
    - {dns01: {cloudDNS: {project: c}}, selector: {dnsNames: ["*.example.org"]}}                                                  # 7
    - {http01: {}, selector: {dnsNames: [www.example.org], dnsZones: [example.org]}}                                              # 8
    - {http01: {}, selector: {}}                                                                                                  # 9
`).Base.Issuers[0].ACME
	for _, tt := range []struct {
		name   string
		host   string
		labels map[string]string
		want   int
	}{
		{"nothing matches but the fallback", "example.com", nil, 0},
		{"a zone", "a.example.org", nil, 1},
		{"the zone itself", "example.org", nil, 1},
		{"no zone, though it ends alike", "myexample.org", nil, 0},
		{"the longer zone", "a.deep.example.org", nil, 2},
		{"the name before the zone, and the zone beside it", "www.example.org", nil, 8},
		{"a wildcard by its name", "*.example.org", nil, 7},
		{"a wildcard by its zone", "*.deep.example.org", nil, 2},
		{"a wildcard takes no HTTP-01", "*.example.com", nil, -1},
		{"a label", "example.com", map[string]string{"team": "a"}, 4},
		{"more labels", "example.com", map[string]string{"team": "a", "tier": "web", "other": "x"}, 5},
		{"another value of the label", "example.com", map[string]string{"team": "b"}, 0},
		{"the zone before more labels", "a.example.net", map[string]string{"team": "a", "tier": "web"}, 6},
		{"of two equal ones the first", "a.example.net", nil, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := issuer.Pick(tt.host, tt.labels); got != tt.want {
				t.Errorf("Pick(%q, %v) = %d, want %d", tt.host, tt.labels, got, tt.want)
			}
		})
	}
}
