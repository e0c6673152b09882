package dns01

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestProblems: all problems of a solver are reported at once, without values of Secrets.
func TestProblems(t *testing.T) {
	secrets := vault{
		"s/one": "s3cr3t-one", "s/two": "s3cr3t-two", "s/empty": " \n", "s/json": `{"type": "authorized_user", "refresh_token": "s3cr3t-refresh"}`,
		"s/base64": "czNjcjN0LWJhc2U2NA==",
	}
	ref := "SecretRef: {name: s, key: one}"
	for _, c := range []struct{ title, solver, want string }{
		{"nothing", "{}", "no DNS provider in the solver"},
		{"two", "cloudflare: {apiToken" + ref + "}\ndigitalocean: {token" + ref + "}", "cloudflare and digitalocean: a solver takes only one DNS provider"},

		{"no Secret", "cloudflare: {apiTokenSecretRef: {name: none, key: one}}", `cloudflare.apiTokenSecretRef: read Secret none: secrets "none" not found`},
		{"no key", "cloudflare: {apiTokenSecretRef: {name: s, key: three}}", "cloudflare.apiTokenSecretRef: Secret s has no key three; it has base64, empty, json, one, two"},
		{"no name", "cloudflare: {apiTokenSecretRef: {name: s}}", "cloudflare.apiTokenSecretRef: name and key of a Secret are required"},
		{"empty", "cloudflare: {apiTokenSecretRef: {name: s, key: empty}}", "cloudflare.apiTokenSecretRef: key empty of Secret s is empty"},
		{"both", "cloudflare: {email: x, apiToken" + ref + ", apiKey" + ref + "}", "cloudflare: apiKeySecretRef and apiTokenSecretRef cannot be combined"},
		{"neither", "cloudflare: {email: x}", "cloudflare: apiTokenSecretRef, or apiKeySecretRef with email, is required"},
		{"no email", "cloudflare: {apiKeySecretRef: {name: s, key: none}}", "cloudflare.apiKeySecretRef: Secret s has no key none; it has base64, empty, json, one, two; cloudflare.email: required with apiKeySecretRef; an API token needs no email"},

		{"all of Akamai", "akamai: {accessTokenSecretRef: {name: s, key: nope}, clientSecretSecretRef: {name: none, key: x}, clientTokenSecretRef: {name: s, key: one}, serviceConsumerDomain: ''}",
			`akamai.serviceConsumerDomain: required; akamai.clientSecretSecretRef: read Secret none: secrets "none" not found; akamai.accessTokenSecretRef: Secret s has no key nope; it has base64, empty, json, one, two`},

		{"no identity at AWS", "route53: {region: x}", "route53: set accessKeyID or accessKeyIDSecretRef with secretAccessKeySecretRef, or role with auth.kubernetes.serviceAccountRef, or enable ambient credentials for this issuer"},
		{"half at AWS", "route53: {accessKeyID: x}", "route53: an access key ID and secretAccessKeySecretRef are required together"},
		{"twice at AWS", "route53: {accessKeyID: x, accessKeyID" + ref + ", secretAccessKeySecretRef: {name: s, key: nope}}",
			"route53.accessKeyIDSecretRef: cannot be combined with accessKeyID; route53.secretAccessKeySecretRef: Secret s has no key nope; it has base64, empty, json, one, two"},
		{"no tokens", "route53: {auth: {kubernetes: {serviceAccountRef: {name: ''}}}}",
			"route53.role: required with auth.kubernetes.serviceAccountRef; route53.auth.kubernetes.serviceAccountRef.name: required; route53.auth.kubernetes.serviceAccountRef: requires a cluster that issues tokens of ServiceAccounts"},

		{"Azure", "azureDNS: {environment: AzureGermanCloud, clientID: x, managedIdentity: {clientID: y}}",
			"azureDNS.subscriptionID: required; azureDNS.resourceGroupName: required; azureDNS.environment: AzureGermanCloud was closed in 2021; azureDNS.managedIdentity: cannot be combined with a client secret; azureDNS.tenantID: required with clientID; azureDNS.clientSecretSecretRef: required with clientID"},
		{"no identity at Azure", "azureDNS: {subscriptionID: x, resourceGroupName: y, environment: AzureMarsCloud, managedIdentity: {clientID: y}}",
			`azureDNS.environment: unknown environment "AzureMarsCloud": use AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud; azureDNS.clientID: required with clientSecretSecretRef and tenantID, unless ambient credentials are enabled for this issuer`},

		{"no identity at Google", "cloudDNS: {project: ''}", "cloudDNS.project: required; cloudDNS.serviceAccountSecretRef: required, unless ambient credentials are enabled for this issuer"},
		{"another kind at Google", "cloudDNS: {project: p, serviceAccountSecretRef: {name: s, key: json}}", "cloudDNS.serviceAccountSecretRef: key json of Secret s is not a service account key in JSON"},

		{"acme-dns", "acmeDNS: {host: '', account" + ref + "}", "acmeDNS.accountSecretRef: key one of Secret s is not JSON with an account for each name; acmeDNS.host: required"},

		{"rfc2136", "rfc2136: {nameserver: 'a:b', protocol: QUIC, tsigAlgorithm: HMACSHA3, tsigSecret" + ref + "}",
			`rfc2136.nameserver: invalid address "a:b": use host or host:port, with IPv6 in brackets; rfc2136.protocol: unknown protocol "QUIC": use UDP or TCP; rfc2136.tsigAlgorithm: unknown algorithm "HMACSHA3": use HMACMD5, HMACSHA1, HMACSHA224, HMACSHA256, HMACSHA384 or HMACSHA512; rfc2136.tsigKeyName: required with tsigSecretSecretRef; rfc2136.tsigSecretSecretRef: key one of Secret s is not base64`},
		{"rfc2136 without a secret", "rfc2136: {nameserver: a, tsigKeyName: k}", "rfc2136.tsigSecretSecretRef: name and key of a Secret are required"},

		{"webhook", "webhook: {groupName: g, solverName: ''}", "webhook.solverName: required; webhook: the webhook g requires a cluster; lego's DNS providers do not: use groupName lego.kubectl-certs.dev"},
		{"lego", "webhook: {groupName: lego.kubectl-certs.dev, solverName: x, config: {secret: s}}",
			`webhook.groupName: lego.kubectl-certs.dev: lego's DNS providers are not available here; webhook.config: must be {"secretName": "…"}: json: unknown field "secret"; webhook.config.secretName: required: a Secret whose keys are variables of the provider`},
	} {
		_, err := New(t.Context(), solverOf(t, c.solver), secrets.read, Options{Resolvers: []string{"127.0.0.1"}})
		if diff := cmp.Diff("solver: dns01: "+c.want, text(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.title, diff)
		}
		if f := (*issuance.Failure)(nil); !errors.As(err, &f) || f.Reason != issuance.ReasonSolver {
			t.Errorf("%s: %v is not a failure of a solver", c.title, err)
		}
		if strings.Contains(text(err), "s3cr3t") {
			t.Errorf("%s tells a secret: %v", c.title, err)
		}
	}
}

func TestNewWithoutResolvers(t *testing.T) {
	_, err := New(t.Context(), solverOf(t, "rfc2136: {nameserver: a}"), nil, Options{Resolvers: []string{"1.2.3.4:x"}})
	if want := `solver: resolvers: invalid address "1.2.3.4:x": use host or host:port, with IPv6 in brackets`; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestNewEnds: New ends with the context while it reads a Secret.
func TestNewEnds(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	slow := func(ctx context.Context, _ string) (map[string][]byte, error) { <-ctx.Done(); return nil, ctx.Err() }
	_, err := New(ctx, solverOf(t, "digitalocean: {tokenSecretRef: {name: a, key: b}}"), slow, Options{Resolvers: []string{"127.0.0.1"}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestRFC2136Mapping compares a solver with its backend.
func TestRFC2136Mapping(t *testing.T) {
	secrets := vault{"s/key": "c2VjcmV0\n"}
	const key = ", tsigKeyName: Lab.Example, tsigSecretSecretRef: {name: s, key: key}"
	for solver, want := range map[string]rfc2136{
		"{nameserver: ns.example.com}":                                                   {"ns.example.com:53", "udp", "", dns.HmacMD5, nil},
		"{nameserver: '[2001:db8::1]', protocol: TCP" + key + "}":                        {"[2001:db8::1]:53", "tcp", "lab.example.", dns.HmacMD5, tsig("secret")},
		"{nameserver: '192.0.2.1:54', protocol: UDP, tsigAlgorithm: HMACMD5" + key + "}": {"192.0.2.1:54", "udp", "lab.example.", dns.HmacMD5, tsig("secret")},
		"{nameserver: '[::1]:54', tsigAlgorithm: hmacsha1" + key + "}":                   {"[::1]:54", "udp", "lab.example.", dns.HmacSHA1, tsig("secret")},
		"{nameserver: a, tsigAlgorithm: HMACSHA224" + key + "}":                          {"a:53", "udp", "lab.example.", dns.HmacSHA224, tsig("secret")},
		"{nameserver: a, tsigAlgorithm: HMACSHA256" + key + "}":                          {"a:53", "udp", "lab.example.", dns.HmacSHA256, tsig("secret")},
		"{nameserver: a, tsigAlgorithm: HMACSHA384" + key + "}":                          {"a:53", "udp", "lab.example.", dns.HmacSHA384, tsig("secret")},
		"{nameserver: a, tsigAlgorithm: HMACSHA512" + key + "}":                          {"a:53", "udp", "lab.example.", dns.HmacSHA512, tsig("secret")},
	} {
		p := made(t, "rfc2136: "+solver, secrets, Options{})
		if diff := cmp.Diff(&want, p.host, cmp.AllowUnexported(rfc2136{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", solver, diff)
		}
	}
}

func TestScrubber(t *testing.T) {
	s := newScrubber([]string{"s3cr3t/+ value", "no", "line one\nline two", "s3cr3t/+ value and more"})
	for given, want := range map[string]string{
		"a s3cr3t/+ value b":             "a *** b",
		"?key=s3cr3t%2F%2B+value":        "?key=***",
		"/s3cr3t%2F+%20value/":           "/***/",
		"Basic czNjcjN0LysgdmFsdWU=":     "Basic ***",
		"s3cr3t/+ value and more":        "***",
		"xline onex line two":            "x***x ***",
		"no is short\n\tand stays":       "no is short and stays",
		"page\r\n\x1b[31mof <b>text</b>": `page \u001b[31mof <b>text</b>`,
	} {
		if got := s.clean(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
	if got := s.brief(errors.New(strings.Repeat("ä", 400))); got != strings.Repeat("ä", 250)+" …" {
		t.Errorf("got %q", got)
	}
	if got := (scrubber{}).clean("x\ny"); got != "x y" {
		t.Errorf("got %q", got)
	}
}

func TestOwner(t *testing.T) {
	of := func(names ...string) (all []server) {
		for _, n := range names {
			all = append(all, server{name: n})
		}
		return all
	}
	for _, c := range []struct {
		servers []server
		want    string
	}{
		{of("adam.ns.cloudflare.com", "eve.ns.cloudflare.com"), "Cloudflare"},
		{of("ns-1.awsdns-01.com", "ns-2.awsdns-02.co.uk"), "Route 53"},
		{of("ns1-07.azure-dns.com", "ns2-07.azure-dns.net"), "Azure DNS"},
		{of("ns-cloud-a1.googledomains.com"), "Google Cloud DNS"},
		{of("adam.ns.cloudflare.com", "ns-1.awsdns-01.com"), ""},
		{of("ns1.example.com"), ""},
	} {
		if got := owner(c.servers); got != c.want {
			t.Errorf("%v: %q, want %q", c.servers, got, c.want)
		}
	}
	for _, host := range knownByLego {
		found := false
		for _, w := range hostMarks {
			found = found || w.host == host
		}
		if !found {
			t.Errorf("%s belongs to no provider", host)
		}
	}
}
