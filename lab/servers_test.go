package lab_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/kubectl-certs/kubectl-certs/lab/zone"
)

// TestServers asks each server of one lab for what it is there for.
func TestServers(t *testing.T) {
	dir := t.TempDir()
	env := up(t, dir, "--crds", "cert-manager,gateway-api,nginx")
	a := newAPI(t, env)
	t.Run("env", func(t *testing.T) { testEnv(t, dir, env) })
	t.Run("kubernetes", func(t *testing.T) { testKubernetes(t, a) })
	t.Run("crds", func(t *testing.T) { testCRDs(t, a) })
	t.Run("nginx", func(t *testing.T) { testNginx(t, a) })
	t.Run("dns", func(t *testing.T) { testDNS(t, env) })
	t.Run("update", func(t *testing.T) { testUpdate(t, env) })
	t.Run("acme", func(t *testing.T) { testACME(t, env, a.client) })
	t.Run("collect", func(t *testing.T) { testCollect(t, dir, a) })
	t.Run("loopback", func(t *testing.T) { testLoopback(t, dir) })
	t.Run("kill", func(t *testing.T) { testKill(t, dir, a) })
	t.Run("again", func(t *testing.T) { testAgain(t, dir, env, a) })
}

// testEnv: what up prints is what it writes, and up on a running lab says it
// once more.
func testEnv(t *testing.T, dir string, env map[string]string) {
	text, err := os.ReadFile(filepath.Join(dir, "lab.env"))
	if err != nil {
		t.Fatal(err)
	}
	if again := must(t, dir, "up"); again != string(text) {
		t.Errorf("up prints %q, lab.env holds %q", again, text)
	}
	if status := must(t, dir, "status"); strings.Count(status, "running") != 4 {
		t.Errorf("status:\n%s", status)
	}
	if _, err := run(t, dir, "up", "--feature-gates", "AllAlpha=true"); err == nil || !strings.Contains(err.Error(), "lab down first") {
		t.Errorf("up with other flags: %v", err)
	}
}

func testKubernetes(t *testing.T, a api) {
	code, body := a.call(t, "GET", "/version", "")
	if code != 200 || !strings.Contains(body, `"gitVersion": "v1.36.3"`) || !strings.Contains(body, `"minor": "36"`) {
		t.Errorf("version: %d %s", code, body)
	}
	a.token = "wrong"
	if code, body := a.call(t, "GET", "/api/v1/namespaces", ""); code != 401 {
		t.Errorf("with a wrong token: %d %s", code, body)
	}
}

func testCRDs(t *testing.T, a api) {
	for path, body := range map[string]string{
		"/apis/cert-manager.io/v1/namespaces/default/certificates": `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: app}
spec: {secretName: app-tls, dnsNames: [app.example.com], issuerRef: {name: le, kind: ClusterIssuer}}`,
		"/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways": `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: any, listeners: [{name: http, port: 80, protocol: HTTP}]}`,
	} {
		if code, answer := a.call(t, "POST", path+"?fieldValidation=Strict", body); code != 201 {
			t.Errorf("%s: %d %s", path, code, answer)
		}
	}
}

const virtualServer = `
apiVersion: k8s.nginx.org/v1
kind: VirtualServer
metadata: {name: app}
spec:
  ingressClassName: nginx
  host: app.example.com
  tls:
    secret: app-tls
    redirect: {enable: true, code: 301}
    cert-manager: {cluster-issuer: letsencrypt, issue-temp-cert: true, renew-before: 720h}
  upstreams: [{name: tea, service: tea-svc, port: 80, sessionCookie: {enable: true, name: srv}}]
  routes:
  - {path: /tea, action: {pass: tea}}
  - {path: /.well-known/acme-challenge/, route: acme/responder}
status: {state: Valid}
`

const virtualServerRoute = `
apiVersion: k8s.nginx.org/v1
kind: VirtualServerRoute
metadata: {name: responder}
spec:
  host: app.example.com
  upstreams: [{name: responder, service: responder, port: 8080}]
  subroutes: [{path: /.well-known/acme-challenge/, action: {return: {code: 200, type: text/plain, body: ok}}}]
`

func testNginx(t *testing.T, a api) {
	path := "/apis/k8s.nginx.org/v1/namespaces/default/"
	code, body := a.call(t, "POST", path+"virtualservers?fieldValidation=Strict", virtualServer)
	if code != 201 || strings.Contains(body, "state: Valid") {
		t.Errorf("VirtualServer, whose status is a subresource: %d %s", code, body)
	}
	if code, body := a.call(t, "POST", path+"virtualserverroutes?fieldValidation=Strict", virtualServerRoute); code != 201 {
		t.Errorf("VirtualServerRoute: %d %s", code, body)
	}
	for old, new := range map[string]string{
		"renew-before: 720h": "renewBefore: 720h", // an unknown field
		"port: 80,":          "port: eighty,",     // of the wrong type
	} {
		wrong := strings.ReplaceAll(strings.Replace(virtualServer, "name: app}", "name: wrong}", 1), old, new)
		if code, body := a.call(t, "POST", path+"virtualservers?fieldValidation=Strict", wrong); code < 400 {
			t.Errorf("%s: %d %s", new, code, body)
		}
	}
}

// testKill: what is stored survives etcd's end, and the API server's.
func testKill(t *testing.T, dir string, a api) {
	a.call(t, "POST", "/api/v1/namespaces", "apiVersion: v1\nkind: Namespace\nmetadata: {name: kept}")
	code, body := a.call(t, "POST", "/api/v1/namespaces/kept/configmaps",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {key: precious}")
	if code != 201 {
		t.Fatalf("make a ConfigMap: %d %s", code, body)
	}
	for _, part := range []string{"etcd", "kube-apiserver", "dns", "pebble"} {
		must(t, dir, "kill", part)
		if status, err := run(t, dir, "status"); err == nil || !strings.Contains(status, "signal: killed") {
			t.Errorf("status without %s: %v\n%s", part, err, status)
		}
		if _, err := run(t, dir, "kill", part); err == nil || !strings.Contains(err.Error(), part+" is not running") {
			t.Errorf("kill %s again: %v", part, err)
		}
		must(t, dir, "start", part)
		kept(t, a)
	}
}

func kept(t *testing.T, a api) {
	t.Helper()
	if code, body := a.call(t, "GET", "/api/v1/namespaces/kept/configmaps/kept", ""); code != 200 || !strings.Contains(body, "precious") {
		t.Errorf("the ConfigMap: %d %s", code, body)
	}
}

// testAgain: down and up keep the data, records, keys and ports.
func testAgain(t *testing.T, dir string, env map[string]string, a api) {
	records(t, env, "POST", "kept.example.com A 127.0.0.9")
	before, err := os.ReadFile(filepath.Join(dir, "lab.env"))
	if err != nil {
		t.Fatal(err)
	}
	must(t, dir, "down")
	vanish(t, dir)
	if status, err := run(t, dir, "status"); err == nil || status != "not running\n" {
		t.Errorf("status after down: %v %q", err, status)
	}
	must(t, dir, "down") // once more without an error
	if after := must(t, dir, "up"); after != string(before) {
		t.Errorf("after up again: %s, before: %s", after, before)
	}
	kept(t, a)
	if got := ask(t, env, "udp", "kept.example.com", dns.TypeA); got != "127.0.0.9" {
		t.Errorf("the record: %q", got)
	}
}

func testDNS(t *testing.T, env map[string]string) {
	records(t, env, "POST", strings.Join([]string{
		`a.example.com A 127.0.0.2`, `a.example.com AAAA ::1`,
		`_acme-challenge.a.example.com TXT "one"`, `_acme-challenge.a.example.com TXT "two"`,
		`_acme-challenge.b.example.com CNAME _acme-challenge.a.example.com`,
	}, "\n"))
	for _, network := range []string{"udp", "tcp"} {
		for _, c := range []struct {
			name  string
			qtype uint16
			want  string
		}{
			{"a.example.com", dns.TypeA, "127.0.0.2"},
			{"A.Example.com", dns.TypeAAAA, "::1"},
			{"nobody.example.org", dns.TypeA, "127.0.0.1"},
			{"_acme-challenge.a.example.com", dns.TypeTXT, `"one" "two"`},
			{"_acme-challenge.b.example.com", dns.TypeTXT, `_acme-challenge.a.example.com. "one" "two"`},
			{"example.com", dns.TypeNS, "ns.example.com."},
		} {
			if got := ask(t, env, network, c.name, c.qtype); got != c.want {
				t.Errorf("%s: %s %s: %s, want %s", network, c.name, dns.TypeToString[c.qtype], got, c.want)
			}
		}
	}
	records(t, env, "DELETE", `_acme-challenge.a.example.com TXT "one"`)
	if got := ask(t, env, "tcp", "_acme-challenge.a.example.com", dns.TypeTXT); got != `"two"` {
		t.Errorf("after a deletion: %s", got)
	}
}

// records changes them over the API.
func records(t *testing.T, env map[string]string, method, lines string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, env["DNS_API"]+"/records", strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	if code, body := send(t, http.DefaultClient, req); code != 204 {
		t.Fatalf("%s %s: %d %s", method, lines, code, body)
	}
}

// ask returns the data of the answers, in one line.
func ask(t *testing.T, env map[string]string, network, name string, qtype uint16) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	answers, err := zone.Ask(ctx, network, env["DNS_ADDR"], name, qtype)
	if err != nil {
		t.Fatalf("%s: %s: %v", network, name, err)
	}
	var data []string
	for _, rr := range answers {
		data = append(data, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return strings.Join(data, " ")
}

// testUpdate: RFC 2136, with the key, with a wrong one, and with none.
func testUpdate(t *testing.T, env map[string]string) {
	const other = "d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmctd3I="
	for _, c := range []struct{ title, name, secret, want, text string }{
		{"no key", "", "", "REFUSED", ""},
		{"wrong secret", env["TSIG_NAME"], other, "NOTAUTH", ""},
		{"unknown key", "who", env["TSIG_SECRET"], "NOTAUTH", ""},
		{"the key", env["TSIG_NAME"], env["TSIG_SECRET"], "NOERROR", `"proof"`},
	} {
		m := new(dns.Msg).SetUpdate("update.org.")
		rr, err := dns.NewRR(`_acme-challenge.update.org. 60 IN TXT "proof"`)
		if err != nil {
			t.Fatal(err)
		}
		m.Insert([]dns.RR{rr})
		client := dns.Client{Net: "tcp"}
		if c.name != "" {
			client.TsigSecret = map[string]string{c.name + ".": c.secret}
			m.SetTsig(c.name+".", dns.HmacSHA256, 300, time.Now().Unix())
		}
		r, _, err := client.ExchangeContext(t.Context(), m, env["DNS_ADDR"])
		if err != nil {
			t.Errorf("%s: %v", c.title, err)
			continue
		}
		if got := dns.RcodeToString[r.Rcode]; got != c.want {
			t.Errorf("%s: %s, want %s", c.title, got, c.want)
		}
		if got := ask(t, env, "udp", "_acme-challenge.update.org", dns.TypeTXT); got != c.text {
			t.Errorf("%s: the record is %q, want %q", c.title, got, c.text)
		}
	}
}
