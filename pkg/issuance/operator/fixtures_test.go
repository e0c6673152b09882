package operator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// snapshotOf returns what a cluster with the documents of a YAML stream holds, in
// one namespace or, for "", in all.
func snapshotOf(t *testing.T, namespace, yaml string) *watch.Snapshot {
	t.Helper()
	objects, err := manifest.Decode([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	snapshot := watch.NewSnapshot(nil, nil, namespace, nil)
	snapshot.Add(objects)
	return snapshot
}

// demandOf returns the one certificate that a world requests.
func demandOf(t *testing.T, snapshot *watch.Snapshot) *issuance.Demand {
	t.Helper()
	entries, err := snapshot.Entries(t.Context())
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	return entries[0].Demand
}

// issuer returns an ACME issuer with solvers in YAML.
func issuer(solvers string) string {
	return fmt.Sprintf(`---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: acme, namespace: shop}
spec:
  acme:
    server: https://ca.example.com/directory
    privateKeySecretRef: {name: account}
    solvers: [%s]
`, solvers)
}

// certificate returns a request for a certificate of that issuer.
func certificate(names ...string) string {
	return fmt.Sprintf(`---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: shop}
spec:
  secretName: web-tls
  dnsNames: ["%s"]
  issuerRef: {name: acme}
`, strings.Join(names, `", "`))
}

// permanentRoute returns a route that leads challenges of a host to the
// responder.
func permanentRoute(host string) string {
	return fmt.Sprintf(`---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: challenges, namespace: shop, labels: {kubectl-certs.dev/http01: static}}
spec:
  rules:
  - host: %s
    http: {paths: [{path: /.well-known/acme-challenge/, pathType: Prefix, backend: {service: {name: run, port: {number: 80}}}}]}
`, host)
}
