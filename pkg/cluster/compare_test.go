package cluster

import (
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// live is what a server holds of an Ingress that we applied, with what others
// and the server itself added.
const live = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: a
  namespace: n
  uid: x
  labels: {theirs: "1"}
  annotations: {ours: "1"}
  managedFields:
  - manager: kubectl-certs
    operation: Apply
    apiVersion: networking.k8s.io/v1
    fieldsType: FieldsV1
    fieldsV1:
      f:metadata: {f:annotations: {f:ours: {}}}
      f:spec:
        f:ingressClassName: {}
        f:rules: {}
        f:defaultBackend: {f:service: {f:name: {}}}
  - manager: helm
    operation: Apply
    fieldsV1: {f:metadata: {f:labels: {f:theirs: {}}}}
spec:
  ingressClassName: nginx
  rules: [{host: a.example.com}]
  defaultBackend: {service: {name: s, port: {number: 80}}}
status: {loadBalancer: {}}
`

// TestSettled: a yes must be sure, since the server is not asked then.
func TestSettled(t *testing.T) {
	const head = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: n, annotations: {ours: '1'}}, spec: {ingressClassName: nginx, rules: [{host: a.example.com}], defaultBackend: {service: {name: s}}"
	for name, c := range map[string]struct {
		want    string
		settled bool
	}{
		"as applied":                    {head + "}}", true},
		"more wanted, and there":        {head + ", }, status: {}}", true},
		"a field differs":               {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {ours: '2'}}, spec: {ingressClassName: nginx, rules: [{host: a.example.com}], defaultBackend: {service: {name: s}}}}", false},
		"a field more":                  {head + ", tls: [{hosts: [a]}]}}", false},
		"an element more":               {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {ours: '1'}}, spec: {ingressClassName: nginx, rules: [{host: a.example.com}, {host: b}], defaultBackend: {service: {name: s}}}}", false},
		"an annotation of ours no more": {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {ingressClassName: nginx, rules: [{host: a.example.com}], defaultBackend: {service: {name: s}}}}", false},
		"a field of ours no more":       {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {ours: '1'}}, spec: {ingressClassName: nginx, rules: [{host: a.example.com}]}}", false},
		"another kind of value":         {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {ours: '1'}}, spec: {ingressClassName: nginx, rules: {}, defaultBackend: {service: {name: s}}}}", false},
	} {
		if got := settled(decode(t, live), decode(t, c.want)); got != c.settled {
			t.Errorf("%s: settled is %v", name, got)
		}
	}
}

// TestOwnedLists: elements that we own are found by key and by value.
func TestOwnedLists(t *testing.T) {
	const service = `
apiVersion: v1
kind: Service
metadata:
  name: s
  finalizers: [x/y, x/z]
  managedFields:
  - manager: kubectl-certs
    operation: Apply
    fieldsType: FieldsV1
    fieldsV1:
      f:metadata: {f:finalizers: {'v:"x/y"': {}}}
      f:spec: {f:ports: {'k:{"port":80,"protocol":"TCP"}': {.: {}, f:port: {}, f:name: {}}}}
spec: {ports: [{name: web, port: 80, protocol: TCP}]}
`
	for want, settles := range map[string]bool{
		"{apiVersion: v1, kind: Service, metadata: {name: s, finalizers: [x/y, x/z]}, spec: {ports: [{name: web, port: 80}]}}": true,
		"{apiVersion: v1, kind: Service, metadata: {name: s, finalizers: [x/y, x/z]}, spec: {ports: [{port: 80}]}}":            false,
		"{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{name: web, port: 80}]}}":                         false,
	} {
		if got := settled(decode(t, service), decode(t, want)); got != settles {
			t.Errorf("%s: settled is %v", want, got)
		}
	}
}

func TestOrder(t *testing.T) {
	objects := []manifest.Object{}
	for _, kind := range []string{"Ingress", "ClusterIssuer", "Namespace", "CustomResourceDefinition", "Secret", "Issuer"} {
		objects = append(objects, decode(t, "{apiVersion: v1, kind: "+kind+", metadata: {name: x}}"))
	}
	var got []string
	for _, stage := range Order(objects) {
		for _, o := range stage {
			got = append(got, o.Kind())
		}
	}
	want := []string{"Namespace", "CustomResourceDefinition", "Secret", "ClusterIssuer", "Issuer", "Ingress"}
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("order is %v, want %v", got, want)
		}
	}
}

func decode(t *testing.T, source string) manifest.Object {
	t.Helper()
	objects, err := manifest.Decode([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return objects[0]
}
