package cmd_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

// around are the kinds of what stands beside golden trees in a cluster.
var around = map[string]schema.GroupVersionResource{
	"Secret":        secrets,
	"Namespace":     {Version: "v1", Resource: "namespaces"},
	"Node":          {Version: "v1", Resource: "nodes"},
	"Pod":           {Version: "v1", Resource: "pods"},
	"Service":       {Version: "v1", Resource: "services"},
	"EndpointSlice": {Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"},
	"IngressClass":  {Group: "networking.k8s.io", Version: "v1", Resource: "ingressclasses"},
	"GatewayClass":  {Group: "gateway.networking.k8s.io", Version: "v1", Resource: "gatewayclasses"},

	"Deployment":     {Group: "apps", Version: "v1", Resource: "deployments"},
	"Lease":          {Group: "coordination.k8s.io", Version: "v1", Resource: "leases"},
	"ServiceAccount": {Version: "v1", Resource: "serviceaccounts"},
	"Role":           {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	"RoleBinding":    {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},

	"ClusterRole":        {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"},
	"ClusterRoleBinding": {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"},
}

// apply makes objects, as another field manager.
func apply(t testing.TB, client dynamic.Interface, documents string) {
	t.Helper()
	for document := range strings.SplitSeq(documents, "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict([]byte(document), &object.Object); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		resource, known := kinds[object.GetKind()]
		if !known {
			resource, known = around[object.GetKind()]
		}
		if !known {
			t.Fatalf("no kind %s", object.GetKind())
		}
		if _, err := client.Resource(resource).Namespace(object.GetNamespace()).Apply(t.Context(), object.GetName(), object, metav1.ApplyOptions{FieldManager: "test"}); err != nil {
			t.Fatalf("%v for\n%s", err, document)
		}
	}
}

// makeTLS puts a new self-signed certificate into a TLS Secret and returns it.
func makeTLS(t testing.TB, client dynamic.Interface, namespace, name, host string) (der []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), DNSNames: []string{host}, NotBefore: now, NotAfter: now.Add(time.Hour)}
	der, err = x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	apply(t, client, fmt.Sprintf("apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: %s, namespace: %s}\ndata: {tls.crt: %s, tls.key: %s}",
		name, namespace, encode("CERTIFICATE", der), encode("PRIVATE KEY", secret)))
	return der
}
