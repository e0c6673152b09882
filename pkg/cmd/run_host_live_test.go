package cmd_test

import (
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ownIssuer is an Issuer and a Certificate of one namespace.
func (s issuing) ownIssuer(namespace, host string) string {
	return fmt.Sprintf(`---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: own, namespace: %[1]s}
spec: {acme: {server: "%[3]s", caBundle: %[4]s, privateKeySecretRef: {name: own-account}, solvers: [{http01: {}}]}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: own, namespace: %[1]s}
spec: {secretName: own-tls, dnsNames: [%[2]s], issuerRef: {name: own}}
`, namespace, host, s.Env["ACME_DIRECTORY"], s.bundle)
}

// message waits for an Event about a Certificate and returns its message.
func (s issuing) message(namespace string) string {
	s.t.Helper()
	var message string
	events := schema.GroupVersionResource{Version: "v1", Resource: "events"}
	await(s.t, "an Event in "+namespace, func() string {
		list, err := s.client.Resource(events).Namespace(namespace).List(s.t.Context(), metav1.ListOptions{})
		if err != nil {
			return err.Error()
		}
		for _, e := range list.Items {
			if message, _ = e.Object["message"].(string); message != "" {
				return ""
			}
		}
		return "none"
	})
	return message
}

// TestLiveRunHosts: with -A a Certificate waits for its route, and one for a
// host that another namespace routes is refused, until the operator allows it.
func TestLiveRunHosts(t *testing.T) {
	s := startIssuing(t)
	makeNamespaces(t, s.client, "other")
	s.names("a.example.com")
	apply(t, s.client, s.ownIssuer("shop", "a.example.com")+s.ownIssuer("other", "a.example.com"))
	all := append([]string{"run", "-A"}, s.static()...)
	background(t, "kubectl-certs", all...)
	if got := s.message("shop"); !strings.HasPrefix(got, "waiting for a route: ") || !strings.Contains(got, "run --allow-host shop=a.example.com") {
		t.Errorf("before the route: %s", got)
	}
	apply(t, s.client, `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, namespace: shop}
spec: {ingressClassName: traefik, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}
`)
	s.eventually("own-tls", "a.example.com")
	out, talk := certs(t, 0, append(append([]string{}, all...), "--dry-run")...)
	if want := "deferred: other/own-tls (Certificate/own): refused: host a.example.com is routed in namespace shop, not in other; allow it with run --allow-host other=a.example.com"; !strings.Contains(talk, want) {
		t.Errorf("the plan says\n%s%s\nwant %s", out, talk, want)
	}
	out, talk = certs(t, 0, append(append([]string{}, all...), "--dry-run", "--allow-host", "other=*.example.com")...)
	if !strings.Contains(out, "http-01 static") || strings.Contains(talk, "deferred:") {
		t.Errorf("with --allow-host the plan says\n%s%s", out, talk)
	}
}

// TestLiveRunTLSALPNHosts: the listener for TLS-ALPN-01 keeps to the same rule.
func TestLiveRunTLSALPNHosts(t *testing.T) {
	s := startIssuing(t)
	apply(t, s.client, s.ownIssuer("shop", "a.example.com"))
	_, talk := certs(t, 1, "run", "--once", "-A", "--listen-tls", "127.0.0.1:"+s.Env["TLSALPN_PORT"])
	if !strings.Contains(talk, "waiting for a route") || !strings.Contains(talk, "0 issued, 0 failed, 1 deferred") {
		t.Errorf("the run says\n%s", talk)
	}
}
