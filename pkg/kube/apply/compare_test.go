package apply

import (
	"slices"
	"testing"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"

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

// TestUnchangedObjectIsNotSent: a yes must be sure, since the server is not asked then.
func TestUnchangedObjectIsNotSent(t *testing.T) {
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
		"a list where a map is":         {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {ours: '1'}}, spec: {ingressClassName: nginx, rules: [{host: a.example.com}], defaultBackend: []}}", false},
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
	for _, o := range []string{
		"Ingress, metadata: {name: a}", "ClusterIssuer, metadata: {name: signer}, spec: {ca: {secretName: x}}", "Certificate, metadata: {name: leaf}, spec: {secretName: y}",
		"ClusterIssuer, metadata: {name: web}, spec: {acme: {}}", "Certificate, metadata: {name: root}, spec: {isCA: true}",
		"Namespace, metadata: {name: b}", "CustomResourceDefinition, metadata: {name: c}", "Secret, metadata: {name: d}", "Issuer, metadata: {name: e}, spec: {selfSigned: {}}",
	} {
		objects = append(objects, decode(t, "{apiVersion: v1, kind: "+o+"}"))
	}
	var got []string
	for _, stage := range Order(objects) {
		for _, o := range stage {
			got = append(got, o.ID().String())
		}
	}
	want := []string{
		"Namespace/b", "CustomResourceDefinition/c", "Secret/d", "ClusterIssuer/web", "Issuer/e", "Certificate/root", "ClusterIssuer/signer",
		"Ingress/a", "Certificate/leaf",
	}
	if !slices.Equal(got, want) {
		t.Errorf("order is %v, want %v", got, want)
	}
}

func settled(live, want manifest.Object) bool { return upToDate(live, want, migrate(live)) }

func decode(t *testing.T, source string) manifest.Object {
	t.Helper()
	objects, err := manifest.Decode([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return objects[0]
}

// TestHasIndex: an index in managed fields may be any number.
func TestHasIndex(t *testing.T) {
	list := []any{"a", "b"}
	for index, want := range map[int]bool{-1: false, 0: true, 1: true, 2: false} {
		if got := has(list, fieldpath.MakePathOrDie(index)); got != want {
			t.Errorf("%d: got %v, want %v", index, got, want)
		}
	}
}

// TestUpToDate: only what we applied ourselves, or would take over, is ours to
// remove, wherever its entry is.
func TestUpToDate(t *testing.T) {
	const (
		other   = "{manager: vpa, operation: Apply, apiVersion: v1, fieldsV1: {f:data: {f:theirs: {}}}}"
		update  = "{manager: kubectl-certs, operation: Update, apiVersion: v1, fieldsV1: {f:data: {f:theirs: {}}}}"
		empty   = "{manager: kubectl-certs, operation: Apply, apiVersion: v1}"
		ours    = "{manager: kubectl-certs, operation: Apply, apiVersion: v1, fieldsV1: {f:data: {f:ours: {}}}}"
		before  = "{manager: kubectl-client-side-apply, operation: Update, apiVersion: v1, fieldsV1: {f:data: {f:theirs: {}}}}"
		status  = "{manager: helm, operation: Update, apiVersion: v1, subresource: status, fieldsV1: {f:data: {f:theirs: {}}}}"
		helm    = "{manager: helm, operation: Update, apiVersion: v1, fieldsV1: {f:data: {f:theirs: {}}}}"
		label   = "{manager: kubectl, operation: Update, apiVersion: v1, fieldsV1: {f:data: {f:theirs: {}}}}"
		version = "{manager: helm, operation: Update, apiVersion: v1beta1, fieldsV1: {f:data: {f:theirs: {}}}}"
	)
	for name, tt := range map[string]struct {
		entries, data     string
		applied, upToDate bool
	}{
		"no manager":                 {"", "{ours: a}", false, true},
		"others":                     {other + "," + update + "," + empty, "{ours: a}", false, true},
		"ours after others":          {other + "," + update + "," + ours, "{ours: a}", true, true},
		"ours, no longer wanted":     {other + "," + ours, "{theirs: b}", true, false},
		"others, not wanted":         {ours + "," + other, "{ours: a}", true, true},
		"of a tool that stays":       {ours + "," + helm, "{ours: a}", true, true},
		"of a tool before":           {helm, "{ours: a}", false, false},
		"another tool's":             {before, "{ours: a, theirs: b}", false, true},
		"another tool's, not wanted": {before, "{ours: a}", false, false},
		"beside ours":                {ours + "," + before, "{ours: a}", false, false},
		"a status":                   {ours + "," + status, "{ours: a}", true, true},
		"kubectl label":              {ours + "," + label, "{ours: a}", true, true},
		"another version":            {ours + "," + version, "{ours: a}", true, true},
	} {
		live := decode(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, managedFields: ["+tt.entries+"]}, data: {ours: a, theirs: b}}")
		if got := migrate(live).isNothing(); got != tt.applied {
			t.Errorf("%s: applied is %v", name, got)
		}
		if got := settled(live, decode(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: "+tt.data+"}")); got != tt.upToDate {
			t.Errorf("%s: up to date is %v", name, got)
		}
	}
}

// TestHasItem: an element is found by all the fields of its key that we wrote,
// and none but the one that is owned counts.
func TestHasItem(t *testing.T) {
	ports := []any{map[string]any{"port": int64(80), "protocol": "UDP"}, map[string]any{"port": int64(80), "name": "web"}, "odd"}
	key := func(fields ...any) fieldpath.Path { return fieldpath.MakePathOrDie(fieldpath.KeyByFields(fields...)) }
	for name, tt := range map[string]struct {
		path fieldpath.Path
		want bool
	}{
		"all fields":      {key("port", 80, "protocol", "UDP"), true},
		"a default":       {key("port", 80, "protocol", "TCP"), true},
		"the wrong item":  {fieldpath.MakePathOrDie(fieldpath.KeyByFields("port", 80, "protocol", "UDP"), "name"), false},
		"the right item":  {fieldpath.MakePathOrDie(fieldpath.KeyByFields("port", 80, "protocol", "TCP"), "name"), true},
		"no such item":    {key("port", 81), false},
		"by value":        {fieldpath.MakePathOrDie(value.NewValueInterface("odd")), true},
		"no such value":   {fieldpath.MakePathOrDie(value.NewValueInterface("even")), false},
		"nothing to find": {fieldpath.Path{fieldpath.PathElement{}}, false},
	} {
		if got := has(ports, tt.path); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
