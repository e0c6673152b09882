package lint_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
)

// issuers are the issuers of these tests.
const issuers = `
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: ca}, spec: {selfSigned: {}}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: acme}, spec: {acme: {server: "https://acme.corp.dev/dir", privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}]}}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: long}, spec: {acme: {server: "https://acme.corp.dev/dir", enableDurationFeature: true, privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}]}}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: le}, spec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory", privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}, {dns01: {cloudDNS: {project: p}}, selector: {dnsZones: [shop.dev]}}]}}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: le-long}, spec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory", enableDurationFeature: true, privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}]}}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: le-tls}, spec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory", profile: tlsserver, privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}]}}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: le-short}, spec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory", profile: shortlived, privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}]}}}
---
`

// certificate returns a Certificate of an issuer with more fields.
func certificate(issuer, fields string) string {
	if !strings.Contains(fields, "dnsNames") && !strings.Contains(fields, "ipAddresses") {
		fields = "dnsNames: [a.shop.dev], " + fields
	}
	return issuers + "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, issuerRef: {kind: ClusterIssuer, name: " + issuer + "}, " + fields + "}}"
}

// found returns the IDs and fields of the findings about manifests at a time.
func found(t *testing.T, manifests string, at time.Time) []string {
	t.Helper()
	var lines []string
	for _, f := range lint.Check(objects(t, []byte(manifests)), nil, at) {
		lines = append(lines, strings.TrimSpace(f.ID+" "+f.Position.Field))
	}
	return lines
}

// edge is a Certificate of an issuer with some fields, and its findings.
type edge struct {
	issuer, fields string
	want           []string
}

func check(t *testing.T, edges map[string]edge) {
	t.Helper()
	for name, tt := range edges {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, found(t, certificate(tt.issuer, tt.fields), now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLimitsOfCertManager tests the last value that cert-manager accepts and the first that it
// rejects.
func TestLimitsOfCertManager(t *testing.T) {
	bad := func(field string) []string { return []string{"C123 spec." + field} }
	check(t, map[string]edge{
		"an hour":                           {"ca", "duration: 1h, renewBefore: 5m", nil},
		"less than an hour":                 {"ca", "duration: 59m59s, renewBefore: 5m", bad("duration")},
		"five minutes before":               {"ca", "renewBefore: 5m", nil},
		"less than five minutes before":     {"ca", "renewBefore: 4m59s", bad("renewBefore")},
		"almost all its life before":        {"ca", "duration: 48h, renewBefore: 47h59m59s", nil},
		"renewBefore of the whole lifetime": {"ca", "duration: 48h, renewBefore: 48h", bad("renewBefore")},
		"all of 90 days before":             {"ca", "renewBefore: 2160h", bad("renewBefore")},
		"almost 90 days before":             {"ca", "renewBefore: 2159h", nil},
		"1 percent":                         {"ca", "renewBeforePercentage: 1", nil},
		"0 percent":                         {"ca", "renewBeforePercentage: 0", bad("renewBeforePercentage")},
		"99 percent":                        {"ca", "renewBeforePercentage: 99", nil},
		"100 percent":                       {"ca", "renewBeforePercentage: 100", bad("renewBeforePercentage")},
		"both":                              {"ca", "renewBefore: 1h, renewBeforePercentage: 50", bad("renewBeforePercentage")},
		"one request kept":                  {"ca", "revisionHistoryLimit: 1", nil},
		"none kept":                         {"ca", "revisionHistoryLimit: 0", bad("revisionHistoryLimit")},
		"usages":                            {"ca", "usages: [server auth, digital signature]", nil},
		"another usage":                     {"ca", "usages: [server auth, serverAuth]", bad("usages")},
		"RSA":                               {"ca", "privateKey: {algorithm: RSA}", nil},
		"RSA 2048":                          {"ca", "privateKey: {size: 2048}", nil},
		"RSA 2047":                          {"ca", "privateKey: {size: 2047}", bad("privateKey.size")},
		"RSA 8192":                          {"ca", "privateKey: {algorithm: RSA, size: 8192}", nil},
		"RSA 8193":                          {"ca", "privateKey: {algorithm: RSA, size: 8193}", bad("privateKey.size")},
		"ECDSA":                             {"ca", "privateKey: {algorithm: ECDSA}", nil},
		"ECDSA 521":                         {"ca", "privateKey: {algorithm: ECDSA, size: 521}", nil},
		"ECDSA 512":                         {"ca", "privateKey: {algorithm: ECDSA, size: 512}", bad("privateKey.size")},
		"Ed25519":                           {"ca", "privateKey: {algorithm: Ed25519}", nil},
		"DSA":                               {"ca", "privateKey: {algorithm: DSA}", bad("privateKey.algorithm")},
		"PKCS1":                             {"ca", "privateKey: {encoding: PKCS1, rotationPolicy: Always}", nil},
		"DER":                               {"ca", "privateKey: {encoding: DER}", bad("privateKey.encoding")},
		"rotated sometimes":                 {"ca", "privateKey: {rotationPolicy: Sometimes}", bad("privateKey.rotationPolicy")},
		"annotations":                       {"ca", "secretTemplate: {annotations: {example.com/a: b, cert-manager.io/allow-direct-injection: 'true'}}", nil},
		"cert-manager's annotations":        {"ca", "secretTemplate: {annotations: {cert-manager.io/issuer-name: b}}", bad("secretTemplate")},
	})
}

// TestLifetimes tests duration and renewBefore with a lifetime that the CA sets.
func TestLifetimes(t *testing.T) {
	check(t, map[string]edge{
		"of another CA":                      {"acme", "duration: 720h", []string{"C110 spec.duration"}},
		"of another CA that is reported":     {"long", "duration: 720h", nil},
		"the CA's own":                       {"le", "duration: 2160h", nil},
		"another than the CA's":              {"le", "duration: 2161h", []string{"C110 spec.duration"}},
		"that the CA refuses":                {"le-long", "duration: 2160h", []string{"C122 spec.duration"}},
		"before, of another CA":              {"acme", "renewBefore: 2000h", nil},
		"two thirds before":                  {"le", "renewBefore: 1023h", nil}, // of 64 days, soon
		"more than two thirds before":        {"le", "renewBefore: 1024h", []string{"C111 spec.renewBefore"}},
		"all but an hour before":             {"le", "renewBefore: 1535h", []string{"C111 spec.renewBefore"}},
		"all before":                         {"le", "renewBefore: 1536h", []string{"C111 spec.renewBefore"}},
		"more than it asks for":              {"le", "duration: 2160h, renewBefore: 2160h", []string{"C123 spec.renewBefore"}},
		"two thirds of 45 days before":       {"le-tls", "renewBefore: 719h", nil},
		"more than two thirds of 45 days":    {"le-tls", "renewBefore: 720h", []string{"C111 spec.renewBefore"}},
		"two thirds of 160 hours, not quite": {"le-short", "renewBefore: 106h", nil},
		"more than two thirds of 160 hours":  {"le-short", "renewBefore: 107h", []string{"C111 spec.renewBefore"}},
	})
}

// TestLifetimesShrink: findings use the current lifetimes, and those of the next
// 90 days.
func TestLifetimesShrink(t *testing.T) {
	source := certificate("le", "duration: 1536h, renewBefore: 1000h")
	for at, want := range map[string][]string{
		"2026-11-11": {"C110 spec.duration"}, // 90 days, and in 90 days
		"2026-11-12": {"C110 spec.duration"},
		"2027-02-09": {"C110 spec.duration"},
		"2027-02-10": nil, // 64 days
		"2027-11-17": nil,
		"2027-11-18": {"C111 spec.renewBefore"}, // 45 days, in 90 days
		"2028-02-16": {"C110 spec.duration", "C111 spec.renewBefore"},
	} {
		day, err := time.Parse(time.DateOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, found(t, source, day)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
}

// TestNames tests names, for a private CA and for Let's Encrypt.
func TestNames(t *testing.T) {
	one := func(id string) []string { return []string{id + " spec.dnsNames[0]"} }
	long := strings.Repeat("a", 63)
	labels := func(n int) string { return strings.Repeat("a.", n-2) + "shop.dev" }
	list := func(n int) string {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("n%03d.shop.dev", i)
		}
		return "dnsNames: [" + strings.Join(names, ", ") + "]"
	}
	check(t, map[string]edge{
		"63 characters in a label":     {"le", "dnsNames: [" + long + ".shop.dev]", nil},
		"64 characters in a label":     {"le", "dnsNames: [" + long + "a.shop.dev]", one("C108")},
		"253 characters":               {"acme", "dnsNames: [" + strings.Repeat(long+".", 3) + strings.Repeat("a", 57) + ".dev]", nil},
		"254 characters":               {"acme", "dnsNames: [" + strings.Repeat(long+".", 3) + strings.Repeat("a", 58) + ".dev]", one("C108")},
		"an underscore":                {"acme", "dnsNames: [a_b.shop.dev]", one("C108")},
		"an address":                   {"acme", "dnsNames: [192.0.2.1]", one("C108")},
		"capitals":                     {"le", "dnsNames: [A.Shop.dev]", nil},
		"a star within":                {"le", "dnsNames: ['a.*.shop.dev']", one("C108")},
		"10 labels":                    {"le", "dnsNames: [" + labels(10) + "]", nil},
		"11 labels":                    {"le", "dnsNames: [" + labels(11) + "]", one("C108")},
		"11 labels of another CA":      {"acme", "dnsNames: [" + labels(11) + "]", nil},
		"an international label":       {"le", "dnsNames: [xn--bcher-kva.shop.dev]", nil},
		"a label that looks like one":  {"le", "dnsNames: [ab--c.shop.dev]", one("C108")},
		"four characters of a label":   {"le", "dnsNames: [ab--.shop.dev]", one("C108")},
		"hyphens elsewhere":            {"le", "dnsNames: [abc--d.shop.dev]", nil},
		"a short label":                {"le", "dnsNames: [a-b.shop.dev]", nil},
		"below no suffix":              {"le", "dnsNames: [db.internal]", one("C114")},
		"one label":                    {"le", "dnsNames: [localhost]", one("C114")},
		"a suffix":                     {"le", "dnsNames: [co.uk]", one("C114")},
		"below a suffix":               {"le", "dnsNames: [shop.co.uk]", nil},
		"a suffix of a company":        {"le", "dnsNames: [github.io]", nil},
		"below a company's":            {"le", "dnsNames: [shop.github.io]", nil},
		"internal, of another CA":      {"acme", "dnsNames: [db.internal]", nil},
		"beside its wildcard":          {"le", "dnsNames: [a.shop.dev, '*.shop.dev']", one("C115")},
		"capitals beside its wildcard": {"le", "dnsNames: [A.Shop.dev, '*.shop.dev']", one("C115")},
		"deeper than its wildcard":     {"le", "dnsNames: [b.a.shop.dev, '*.shop.dev']", nil},
		"the domain of its wildcard":   {"le", "dnsNames: [shop.dev, '*.shop.dev']", nil},
		"two wildcards":                {"le", "dnsNames: ['*.a.shop.dev', '*.shop.dev']", nil},
		"100 names":                    {"le", list(100), nil},
		"101 names":                    {"le", list(101), []string{"C112 spec.dnsNames[100]"}},
		"25 names":                     {"le-tls", list(25), nil},
		"26 names":                     {"le-tls", list(26), []string{"C112 spec.dnsNames[25]"}},
		"64 characters of a name":      {"ca", "commonName: " + long + "a", nil},
		"65 characters of a name":      {"ca", "commonName: " + long + "aa", []string{"C106 spec.commonName"}},
		"a common name beside them":    {"acme", "commonName: b.shop.dev", []string{"C107 spec.commonName"}},
		"a common name among them":     {"acme", "commonName: a.shop.dev", nil},
		"a common name of an address":  {"acme", "dnsNames: [a.shop.dev], commonName: 192.0.2.7, ipAddresses: [192.0.2.7]", nil},
		"a wildcard by HTTP":           {"acme", "dnsNames: ['*.shop.dev']", one("C101")},
		"a wildcard by DNS":            {"le", "dnsNames: ['*.shop.dev']", nil},
		"a wildcard of another zone":   {"le", "dnsNames: ['*.shop.app']", one("C101")},
	})
}

// TestAddresses tests which addresses are public, and which CAs issue for them.
func TestAddresses(t *testing.T) {
	refused := []string{"C113 spec.ipAddresses[0]"}
	for address, want := range map[string][]string{
		"1.1.1.1": nil, "2606:4700::1111": nil, "100.63.255.255": nil, "100.128.0.0": nil, "192.0.1.0": nil, "198.17.255.255": nil, "239.255.255.255": refused, "223.255.255.255": nil,
		"10.0.0.1": refused, "172.16.0.1": refused, "192.168.0.1": refused, "127.0.0.1": refused, "169.254.0.1": refused, "0.0.0.1": refused, "100.64.0.1": refused, "192.0.2.1": refused,
		"198.18.0.1": refused, "198.51.100.1": refused, "203.0.113.1": refused, "240.0.0.1": refused, "224.0.0.1": refused, "::1": refused, "fe80::1": refused, "fd00::1": refused, "2001:db8::1": refused,
	} {
		if diff := cmp.Diff(want, found(t, certificate("le-short", `ipAddresses: ["`+address+`"]`), now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
	check(t, map[string]edge{
		"a public one, of another profile": {"le", "ipAddresses: [1.1.1.1]", refused},
		"no address":                       {"le-short", "ipAddresses: [1.1.1]", []string{"C108 spec.ipAddresses[0]"}},
		"a private one, of another CA":     {"acme", "ipAddresses: [10.0.0.1]", nil},
		"of a CA of one's own":             {"ca", "ipAddresses: [10.0.0.1]", nil},
	})
}

// TestKeys tests which keys Let's Encrypt accepts.
func TestKeys(t *testing.T) {
	refused := []string{"C116 spec.privateKey"}
	check(t, map[string]edge{
		"nothing said":           {"le", "privateKey: {}", nil},
		"2048 bits":              {"le", "privateKey: {size: 2048}", nil},
		"3072 bits":              {"le", "privateKey: {algorithm: RSA, size: 3072}", nil},
		"4096 bits":              {"le", "privateKey: {size: 4096}", nil},
		"8192 bits":              {"le", "privateKey: {size: 8192}", refused},
		"P-256":                  {"le", "privateKey: {algorithm: ECDSA}", nil},
		"P-384":                  {"le", "privateKey: {algorithm: ECDSA, size: 384}", nil},
		"P-521":                  {"le", "privateKey: {algorithm: ECDSA, size: 521}", refused},
		"Ed25519":                {"le", "privateKey: {algorithm: Ed25519}", refused},
		"Ed25519, of another CA": {"acme", "privateKey: {algorithm: Ed25519}", nil},
		"client auth":            {"le", "usages: [client auth]", []string{"C117 spec.usages"}},
		"client auth, elsewhere": {"acme", "usages: [client auth]", nil},
		"server auth":            {"le", "usages: [server auth]", nil},
	})
}

// TestFieldsBeyondACME tests fields that ACME CAs do not issue, but others do.
func TestFieldsBeyondACME(t *testing.T) {
	for fields, field := range map[string]string{
		"uris: ['spiffe://a']": "uris", "emailAddresses: [me@shop.dev]": "emailAddresses", "otherNames: [{oid: 1.2.3, utf8Value: a}]": "otherNames", "isCA: true": "isCA",
	} {
		check(t, map[string]edge{
			"ACME: " + field:   {"acme", fields, []string{"C109 spec." + field}},
			"others: " + field: {"ca", fields, nil},
		})
	}
	for name, tt := range map[string]edge{
		"a URI alone":     {"ca", "dnsNames: [], uris: ['spiffe://a']", nil},
		"an email alone":  {"ca", "dnsNames: [], emailAddresses: [me@shop.dev]", nil},
		"another alone":   {"ca", "dnsNames: [], otherNames: [{oid: 1.2.3, utf8Value: a}]", nil},
		"a subject alone": {"ca", "dnsNames: [], literalSubject: 'CN=a'", nil},
		"a common name":   {"ca", "dnsNames: [], commonName: a", nil},
		"nothing":         {"ca", "dnsNames: []", []string{"C105 spec"}},
	} {
		check(t, map[string]edge{name: tt})
	}
}

// TestMail tests which email addresses Let's Encrypt accepts.
func TestMail(t *testing.T) {
	for mail, refused := range map[string]bool{
		"": false, "me@shop.dev": false, "me@shop.co.uk": false, "Me@Shop.dev": false, "me": true, "me@example.com": true, "me@Example.org": true, "me@mail.example.com": false,
		"me@localhost": true, "me@db.internal": true, "me@co.uk": true, "me@shop.github.io": false,
	} {
		source := `{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory", email: "` + mail + `", privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}]}}}`
		var want []string
		if refused {
			want = []string{"C204 spec.acme.email"}
		}
		if diff := cmp.Diff(want, found(t, source, now)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", mail, diff)
		}
		if got := found(t, strings.Replace(source, "acme-v02.api.letsencrypt.org/directory", "acme.corp.dev", 1), now); got != nil {
			t.Errorf("%q of another CA: %v", mail, got)
		}
	}
}

// TestSolverNeverPicked tests which solvers are never picked.
func TestSolverNeverPicked(t *testing.T) {
	const web, dns, zone = "http01: {ingress: {}}", "dns01: {cloudDNS: {project: p}}", ", selector: {dnsZones: [shop.dev]}"
	asks := "\n---\n{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, ipAddresses: [10.0.0.1], issuerRef: {kind: ClusterIssuer, name: x}}}"
	second := []string{"C207 spec.acme.solvers[1]"}
	for name, tt := range map[string]struct {
		solvers, more string
		want          []string
	}{
		"the same twice":                  {"{" + web + "}, {" + web + "}", "", second},
		"another zone":                    {"{" + web + "}, {" + web + zone + "}", "", nil},
		"the same zone":                   {"{" + web + zone + "}, {" + web + zone + "}", "", second},
		"DNS behind HTTP":                 {"{" + web + "}, {" + dns + "}", "", nil},
		"HTTP behind DNS":                 {"{" + dns + "}, {" + web + "}", "", second},
		"HTTP behind DNS, for addresses":  {"{" + dns + "}, {" + web + "}", asks, nil},
		"HTTP behind DNS, for names":      {"{" + dns + "}, {" + web + "}", strings.Replace(asks, "ipAddresses: [10.0.0.1]", "dnsNames: [a.shop.dev]", 1), second},
		"HTTP twice, for addresses":       {"{" + web + "}, {" + web + "}", asks, second},
		"DNS twice":                       {"{" + dns + "}, {" + dns + "}", "", second},
		"three, of which one is shadowed": {"{" + web + "}, {" + web + "}, {" + dns + zone + "}, {" + dns + zone + "}", "", []string{"C207 spec.acme.solvers[1]", "C207 spec.acme.solvers[3]"}},
	} {
		source := `{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {acme: {server: "https://acme.corp.dev", privateKeySecretRef: {name: k}, solvers: [` + tt.solvers + `]}}}` + tt.more
		if diff := cmp.Diff(tt.want, found(t, source, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
