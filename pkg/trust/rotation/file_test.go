package rotation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

const wholeFile = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Rotation
metadata: {name: corp}
old: [ca/old.pem]
new: [ca/new.pem]
others: [ca/vault.pem]
bundle: ca/roots.pem
locations:
- corp-roots
- configmap/shop/partners:ca.crt
trust: {file: ../certs.yaml, name: corp-roots, environment: prod}
workloads:
  namespaces: [shop]
  selector: tier!=batch
  reload: reloads=yes
ignore: [secret/shop/odd]
servers: ["db.example.com:5432", "[::1]:443"]
issuers:
- {kind: ClusterIssuer, name: corp, secretName: corp-2026, file: issuers.yaml}
- {kind: Issuer, namespace: shop, name: own, secretName: own-2026}
`

func TestParseFile(t *testing.T) {
	r, err := ParseFile(nil, "rotation.yaml", []byte(wholeFile))
	if err != nil {
		t.Fatal(err)
	}
	w := r.Workloads
	r.Workloads = Workloads{}
	want := Rotation{
		Name: "corp", Old: []string{"ca/old.pem"}, New: []string{"ca/new.pem"}, Others: []string{"ca/vault.pem"}, Bundle: "ca/roots.pem",
		Locations: []usage.Location{{Name: "corp-roots"}, {Kind: "ConfigMap", Namespace: "shop", Name: "partners", Key: "ca.crt"}},
		Trust:     &Entry{"../certs.yaml", "corp-roots", "prod"},
		Ignore:    []usage.Ref{{Kind: "Secret", Namespace: "shop", Name: "odd"}},
		Servers:   []string{"db.example.com:5432", "[::1]:443"},
		Issuers: []Issuer{
			{usage.Ref{Kind: "ClusterIssuer", Namespace: "", Name: "corp"}, "corp-2026", "issuers.yaml"},
			{usage.Ref{Kind: "Issuer", Namespace: "shop", Name: "own"}, "own-2026", ""},
		},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := w.Namespaces; len(got) != 1 || got[0] != "shop" {
		t.Errorf("namespaces are %q", got)
	}
	for labels, want := range map[string]bool{"": true, "tier=batch": false, "reloads=yes": false, "reloads=no": true} {
		pod := usage.Pod{Labels: map[string]string{}}
		if key, value, ok := strings.Cut(labels, "="); ok {
			pod.Labels[key] = value
		}
		if got := w.Selects(pod); got != want {
			t.Errorf("a pod with %q is selected: %v", labels, got)
		}
	}
	if !(Workloads{}).Selects(usage.Pod{}) {
		t.Error("without workloads every pod counts")
	}
}

func TestParseFileProblems(t *testing.T) {
	for name, tt := range map[string]struct{ file, want string }{
		"empty":     {"", "r.yaml:1: the file is empty; start with apiVersion: kubectl-certs.dev/v1alpha1"},
		"comment":   {"# nothing\n", "r.yaml:1: the file is empty; start with apiVersion: kubectl-certs.dev/v1alpha1"},
		"not YAML":  {"a: [b\nc: d\n", "r.yaml:1: did not find expected ',' or ']'"},
		"a list":    {"- a\n", "r.yaml:1: must be a mapping"},
		"two":       {wholeFile + "---\na: b\n", "r.yaml:21: must have only one document"},
		"of specs":  {"apiVersion: v1\nkind: Certs\n", "r.yaml:1: apiVersion: \"v1\": must be kubectl-certs.dev/v1alpha1\nr.yaml:1: bundle: missing\nr.yaml:1: locations: missing; set locations, or trust to use the targets of an entry of certs.yaml\nr.yaml:1: metadata: missing\nr.yaml:1: new: missing\nr.yaml:1: old: missing\nr.yaml:2: kind: \"Certs\": must be Rotation"},
		"all wrong": {allWrong, allWrongIs},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseFile(nil, "r.yaml", []byte(tt.file))
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(strings.TrimSpace(tt.want), err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

const allWrong = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Rotation
metadata: {name: Corp Roots, labels: {}}
old: [ca/old.pem, ../up.pem, /etc/ca.pem]
new: ca/old.pem
new: [x]
bundle: ca/old.pem
location: [x]
locations:
- configmap/roots
- deployment/a/b
- 7
trust: {file: /certs.yaml, environments: dev}
workloads: {selector: "a b c", namespace: shop}
servers: [db]
ignore: [configmap/shop/odd, odd]
issuers:
- {kind: Certificate, name: x}
- {kind: Issuer, name: x, secretName: y}
- {kind: ClusterIssuer, namespace: shop, name: x, secretName: y}
`

const allWrongIs = `
r.yaml:3: metadata.labels: unknown field; the fields are name
r.yaml:3: metadata.name: "Corp Roots": must consist of lower-case letters, digits, - and .
r.yaml:4: old[1]: "../up.pem": must be a path below the folder of this file, with /
r.yaml:4: old[2]: "/etc/ca.pem": must be a path below the folder of this file, with /
r.yaml:5: new: must be a list with at least one entry
r.yaml:6: new: duplicate field
r.yaml:7: bundle: ca/old.pem is also in old or new, and rewriting it would lose those CAs
r.yaml:8: location: unknown field; the fields are apiVersion, kind, metadata, old, new, others, bundle, locations, trust, workloads, ignore, servers, issuers
r.yaml:10: locations[0]: "configmap/roots": must include the namespace, for example configmap/shop/roots
r.yaml:11: locations[1]: "deployment/a/b": must be configmap/NAMESPACE/NAME[:KEY], secret/…, bundle/NAME, clusterbundle/NAME, clustertrustbundle/NAME, component/[NAMESPACE/]NAME, openshift, or the NAME of any of them
r.yaml:12: locations[2]: must be a string
r.yaml:13: trust.environments: unknown field; the fields are file, name, environment
r.yaml:13: trust.file: "/certs.yaml": must be a path relative to the folder of this file, with /
r.yaml:13: trust.name: missing
r.yaml:14: workloads.namespace: unknown field; the fields are namespaces, selector, reload
r.yaml:14: workloads.selector: "a b c": must be a label selector, for example app=web,tier!=batch
r.yaml:15: servers[0]: "db": must be HOST:PORT of a TLS server
r.yaml:16: ignore[0]: "configmap/shop/odd": must be secret/NAMESPACE/NAME
r.yaml:16: ignore[1]: "odd": must be secret/NAMESPACE/NAME
r.yaml:18: issuers[0].kind: "Certificate": must be ClusterIssuer or Issuer
r.yaml:18: issuers[0].secretName: missing
r.yaml:19: issuers[1]: an Issuer needs its namespace
r.yaml:20: issuers[2]: a ClusterIssuer has no namespace
`

func FuzzParseFile(f *testing.F) {
	f.Add([]byte(wholeFile))
	f.Add([]byte(allWrong))
	f.Add([]byte("a: &a [*a]\nold: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseFile(nil, "r.yaml", data)
		if (err == nil) == (r.Name == "") {
			t.Errorf("both or none of value and error: %+v, %v", r, err)
		}
		if err != nil && strings.Count(err.Error(), "\n") > 10_000 {
			t.Error("too many problems")
		}
	})
}
