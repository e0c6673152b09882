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

// TestProblems: everything that is wrong with a solver is told at once, and
// nothing of a Secret.
func TestProblems(t *testing.T) {
	secrets := vault{
		"s/one": "s3cr3t-one", "s/two": "s3cr3t-two", "s/empty": " \n", "s/json": `{"type": "authorized_user", "refresh_token": "s3cr3t-refresh"}`,
		"s/base64": "czNjcjN0LWJhc2U2NA==",
	}
	ref := "SecretRef: {name: s, key: one}"
	for _, c := range []struct{ title, solver, want string }{
		{"nothing", "{}", "the solver names no DNS host"},
		{"two", "cloudflare: {apiToken" + ref + "}\ndigitalocean: {token" + ref + "}", "cloudflare and digitalocean: one solver has one DNS host"},

		{"no Secret", "cloudflare: {apiTokenSecretRef: {name: none, key: one}}", `cloudflare.apiTokenSecretRef: read Secret none: secrets "none" not found`},
		{"no key", "cloudflare: {apiTokenSecretRef: {name: s, key: three}}", "cloudflare.apiTokenSecretRef: Secret s has no key three; it has base64, empty, json, one, two"},
		{"no name", "cloudflare: {apiTokenSecretRef: {name: s}}", "cloudflare.apiTokenSecretRef: needs name and key of a Secret"},
		{"empty", "cloudflare: {apiTokenSecretRef: {name: s, key: empty}}", "cloudflare.apiTokenSecretRef: key empty of Secret s is empty"},
		{"both", "cloudflare: {email: x, apiToken" + ref + ", apiKey" + ref + "}", "cloudflare: apiKeySecretRef and apiTokenSecretRef exclude each other"},
		{"neither", "cloudflare: {email: x}", "cloudflare: needs apiTokenSecretRef, or apiKeySecretRef and email"},
		{"no email", "cloudflare: {apiKeySecretRef: {name: s, key: none}}", "cloudflare.apiKeySecretRef: Secret s has no key none; it has base64, empty, json, one, two; cloudflare.email: required beside apiKeySecretRef; an API token needs none"},

		{"all of Akamai", "akamai: {accessTokenSecretRef: {name: s, key: nope}, clientSecretSecretRef: {name: none, key: x}, clientTokenSecretRef: {name: s, key: one}, serviceConsumerDomain: ''}",
			`akamai.serviceConsumerDomain: required; akamai.clientSecretSecretRef: read Secret none: secrets "none" not found; akamai.accessTokenSecretRef: Secret s has no key nope; it has base64, empty, json, one, two`},

		{"no identity at AWS", "route53: {region: x}", "route53: needs accessKeyID or accessKeyIDSecretRef, and secretAccessKeySecretRef, or auth.kubernetes.serviceAccountRef and role, unless this issuer may use the identity of the machine"},
		{"half at AWS", "route53: {accessKeyID: x}", "route53: needs an access key ID together with secretAccessKeySecretRef, or neither"},
		{"twice at AWS", "route53: {accessKeyID: x, accessKeyID" + ref + ", secretAccessKeySecretRef: {name: s, key: nope}}",
			"route53.accessKeyIDSecretRef: excludes accessKeyID; route53.secretAccessKeySecretRef: Secret s has no key nope; it has base64, empty, json, one, two"},
		{"no tokens", "route53: {auth: {kubernetes: {serviceAccountRef: {name: ''}}}}",
			"route53.role: required beside auth.kubernetes.serviceAccountRef; route53.auth.kubernetes.serviceAccountRef.name: required; route53.auth.kubernetes.serviceAccountRef: needs a cluster that makes tokens of ServiceAccounts"},

		{"Azure", "azureDNS: {environment: AzureGermanCloud, clientID: x, managedIdentity: {clientID: y}}",
			"azureDNS.subscriptionID: required; azureDNS.resourceGroupName: required; azureDNS.environment: AzureGermanCloud was closed in 2021; azureDNS.managedIdentity: excludes a client secret; azureDNS.tenantID: required beside clientID; azureDNS.clientSecretSecretRef: required beside clientID"},
		{"no identity at Azure", "azureDNS: {subscriptionID: x, resourceGroupName: y, environment: AzureMarsCloud, managedIdentity: {clientID: y}}",
			`azureDNS.environment: "AzureMarsCloud" is none of AzurePublicCloud, AzureChinaCloud, AzureUSGovernmentCloud; azureDNS.clientID: required with clientSecretSecretRef and tenantID, unless this issuer may use the identity of the machine`},

		{"no identity at Google", "cloudDNS: {project: ''}", "cloudDNS.project: required; cloudDNS.serviceAccountSecretRef: required, unless this issuer may use the identity of the machine"},
		{"another kind at Google", "cloudDNS: {project: p, serviceAccountSecretRef: {name: s, key: json}}", "cloudDNS.serviceAccountSecretRef: key json of Secret s is not the JSON key of a service account"},

		{"acme-dns", "acmeDNS: {host: '', account" + ref + "}", "acmeDNS.accountSecretRef: key one of Secret s is not JSON with an account for each name; acmeDNS.host: required"},

		{"rfc2136", "rfc2136: {nameserver: 'a:b', protocol: QUIC, tsigAlgorithm: HMACSHA3, tsigSecret" + ref + "}",
			`rfc2136.nameserver: "a:b" is neither host nor host:port (IPv6 in brackets); rfc2136.protocol: "QUIC" is neither UDP nor TCP; rfc2136.tsigAlgorithm: "HMACSHA3" is none of HMACMD5, HMACSHA1, HMACSHA224, HMACSHA256, HMACSHA384, HMACSHA512; rfc2136.tsigKeyName: required beside tsigSecretSecretRef; rfc2136.tsigSecretSecretRef: key one of Secret s is not base64, as TSIG keys are written`},
		{"rfc2136 without a secret", "rfc2136: {nameserver: a, tsigKeyName: k}", "rfc2136.tsigSecretSecretRef: needs name and key of a Secret"},

		{"webhook", "webhook: {groupName: g, solverName: ''}", "webhook.solverName: required; webhook: the webhook g runs in a cluster, and none is used here; DNS providers of lego need none: groupName lego.kubectl-certs.dev"},
		{"lego", "webhook: {groupName: lego.kubectl-certs.dev, solverName: x, config: {secret: s}}",
			`webhook.groupName: lego.kubectl-certs.dev: lego's DNS providers are not to be had here; webhook.config: must be {"secretName": "…"}: json: unknown field "secret"; webhook.config.secretName: required: a Secret whose keys are variables of the provider`},
	} {
		_, err := New(t.Context(), solverOf(t, c.solver), secrets.read, Options{Resolvers: []string{"127.0.0.1"}})
		if diff := cmp.Diff("solver: dns01: "+c.want, text(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.title, diff)
		}
		if f := (*issuance.Failure)(nil); !errors.As(err, &f) || f.Reason != issuance.ReasonSolver {
			t.Errorf("%s: %v is no failure of a solver", c.title, err)
		}
		if strings.Contains(text(err), "s3cr3t") {
			t.Errorf("%s tells a secret: %v", c.title, err)
		}
	}
}

func TestNewWithoutResolvers(t *testing.T) {
	_, err := New(t.Context(), solverOf(t, "rfc2136: {nameserver: a}"), nil, Options{Resolvers: []string{"1.2.3.4:x"}})
	if want := `solver: resolvers: "1.2.3.4:x" is neither host nor host:port (IPv6 in brackets)`; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestNewEnds: the context ends reading a Secret.
func TestNewEnds(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	slow := func(ctx context.Context, _ string) (map[string][]byte, error) { <-ctx.Done(); return nil, ctx.Err() }
	_, err := New(ctx, solverOf(t, "digitalocean: {tokenSecretRef: {name: a, key: b}}"), slow, Options{Resolvers: []string{"127.0.0.1"}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestRFC2136Mapping: what a solver says becomes.
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
		for _, w := range whose {
			found = found || w.host == host
		}
		if !found {
			t.Errorf("%s is nobody's", host)
		}
	}
}
