package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
)

// namespace makes a namespace of the case, and a kubeconfig in which it is the
// default.
func (t *trial) namespace() (name, kubeconfig string) {
	name = fmt.Sprintf("t-%x", t.seed)
	t.lab.call("DELETE", "/api/v1/namespaces/"+name, "") // there is none unless the case is repeated on one lab
	if code, body := t.lab.call("POST", "/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: "+name+"}}"); code != http.StatusCreated {
		panic(fmt.Sprintf("create namespace: %d %s", code, body))
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: lab
contexts: [{name: lab, context: {cluster: lab, user: admin, namespace: %s}}]
clusters: [{name: lab, cluster: {server: "%s", certificate-authority-data: %s}}]
users: [{name: admin, user: {token: "%s"}}]
`, name, t.lab.env["KUBE_SERVER"], base64.StdEncoding.EncodeToString(t.lab.authority), t.lab.token)
	return name, filepath.Join(t.dir, t.write("kubeconfig", text))
}

// issued checks the TLS Secrets of a namespace: a name that is wanted has none,
// unless all must be there, or a good one, and there are no others.
func (t *trial) issued(namespace string, wanted map[string]string, all bool) {
	for _, s := range t.lab.secretsIn(namespace) {
		host, ok := wanted[s.Metadata.Name]
		delete(wanted, s.Metadata.Name)
		switch {
		case s.Type == "kubectl-certs.dev/order" && all:
			t.fail("order left behind", "Secret %s", s.Metadata.Name)
		case s.Type != "kubernetes.io/tls":
		case !ok:
			t.fail("Secret that was not requested", "Secret %s", s.Metadata.Name)
		default:
			if err := t.lab.valid(s, host, all); err != nil {
				t.fail("wrong Secret", "Secret %s for %s: %v\n%s", s.Metadata.Name, host, err, s.Data["tls.crt"])
			}
		}
	}
	if all {
		for name := range wanted {
			t.fail("Secret missing after a run that succeeds", "Secret %s", name)
		}
	}
}

// requested is a certs.yaml with an issuer at an ACME server and hosts, and the
// Secrets that it asks for.
func (t *trial) requested(namespace, directory string, authority []byte, hosts int) (text string, wanted map[string]string) {
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: %s}
issuers:
- {name: ca, kind: Issuer, namespace: %[1]s, acme: {server: %q, caBundle: %s, solvers: [{http01: {}}]}}
expose:
`, namespace, directory, base64.StdEncoding.EncodeToString(authority))
	wanted = map[string]string{}
	for i := range hosts {
		name := fmt.Sprintf("h%d", i)
		wanted[name+"-tls"] = name + "." + namespace + ".example.com"
		fmt.Fprintf(&b, "- {name: %s, namespace: %s, host: %s, className: traefik, issuer: ca, privateKey: {algorithm: ECDSA}, routes: [{path: /, service: s, port: 80}]}\n", name, namespace, wanted[name+"-tls"])
	}
	return b.String(), wanted
}
