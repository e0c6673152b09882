package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func configMap(namespace, name, rest string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: %s}, %s}\n---\n", name, namespace, rest)
}

func secret(namespace, name, rest string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: %s, namespace: %s}, %s}\n---\n", name, namespace, rest)
}

func bundle(name, spec string) string {
	return fmt.Sprintf("{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: %s}, spec: %s}\n---\n", name, spec)
}

func clusterTrustBundle(name, pem string) string {
	return fmt.Sprintf("{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: %q}, spec: {trustBundle: %s}}\n---\n", name, pem)
}

func deployment(namespace, name, volumes string) string {
	return fmt.Sprintf("{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s, namespace: %s}, spec: {template: {spec: {containers: [{name: c, image: i}], volumes: %s}}}}\n---\n", name, namespace, volumes)
}

func proxy(spec string) string {
	return "{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: " + spec + "}\n---\n"
}

// injected is a ConfigMap that OpenShift fills.
const injected = "{apiVersion: v1, kind: ConfigMap, metadata: {name: all, namespace: shop, labels: {config.openshift.io/inject-trusted-cabundle: \"true\"}}, data: {ca-bundle.crt: $both}}\n---\n"

const (
	old, both = "data: {ca.crt: $old}", "data: {ca.crt: $both}"
	team      = "namespaceSelector: {matchLabels: {team: a}}"
	none      = "namespaceSelector: {matchLabels: {team: z}}"
	inLine    = "sources: [{inLine: $old}]"
)

// text describes the state of a location.
func text(h usage.LocationState) string {
	s := h.Location + ": " + catest.Names(h.Certs)
	for _, part := range []struct{ name, value string }{
		{"absent", h.Absent}, {"idle", h.Idle}, {"mounted by", h.By},
		{"differs", strings.Join(h.Differs, "; ")}, {"damaged", strings.Join(h.Damage, "; ")},
	} {
		if part.value != "" {
			s += " " + part.name + ": " + part.value
		}
	}
	if h.Mixed {
		s += " and others"
	}
	for _, ref := range h.Before {
		s += " before: " + ref.String()
	}
	return s
}

// TestLocations: the state of each object that a location names, for a cluster
// with some objects.
func TestLocations(t *testing.T) {
	for name, tt := range map[string]struct {
		objects, locations string
		absent             []string // groups that the cluster does not serve
		forbidden          string   // resources that may not be listed
		want, err          string
	}{
		"ConfigMap":                     {objects: configMap("shop", "a", old), locations: "configmap/shop/a", want: "configmap/shop/a: Old"},
		"of the context":                {objects: configMap("shop", "a", old), locations: "configmap/a", want: "configmap/shop/a: Old"},
		"one key":                       {objects: configMap("shop", "a", "data: {ca.crt: $old, x: $new}"), locations: "configmap/shop/a:x", want: "configmap/shop/a:x: New"},
		"without the key":               {objects: configMap("shop", "a", old), locations: "configmap/shop/a:x", want: "configmap/shop/a:x:  absent: has no key x"},
		"no ConfigMap":                  {locations: "configmap/shop/a", want: "configmap/shop/a:  absent: not found"},
		"no Secret":                     {objects: configMap("shop", "a", old), locations: "secret/shop/a", want: "secret/shop/a:  absent: not found"},
		"Secret":                        {objects: secret("shop", "a", "stringData: {ca.crt: $old}"), locations: "secret/shop/a", want: "secret/shop/a: Old"},
		"no certificate":                {objects: configMap("shop", "a", "data: {motd: hello}"), locations: "configmap/shop/a", want: "configmap/shop/a:  absent: has no certificate"},
		"an empty key":                  {objects: configMap("shop", "a", "data: {x: hello}"), locations: "configmap/shop/a:x", want: "configmap/shop/a:x:  damaged: no certificate found"},
		"bundles that differ":           {objects: configMap("shop", "a", "data: {all.pem: $both, ca.crt: $old}"), locations: "configmap/shop/a", want: "configmap/shop/a: New → Old absent: has different CAs in all.pem, ca.crt; add the key that clients read, for example configmap/shop/a:all.pem"},
		"TLS Secret without ca.crt":     {objects: secret("shop", "a", "type: kubernetes.io/tls, stringData: {tls.crt: $old}"), locations: "secret/shop/a", want: "secret/shop/a:  absent: has no certificate"},
		"TLS Secret with ca.crt":        {objects: secret("shop", "a", "type: kubernetes.io/tls, stringData: {tls.crt: $new, ca.crt: $old}"), locations: "secret/shop/a", want: "secret/shop/a: Old"},
		"TLS Secret with empty ca.crt":  {objects: secret("shop", "a", `type: kubernetes.io/tls, data: {tls.crt: "", ca.crt: ""}`), locations: "secret/shop/a", want: "secret/shop/a:  absent: has no certificate"},
		"everywhere":                    {objects: configMap("shop", "a", old) + configMap("other", "a", both) + configMap("other", "b", both), locations: "configmap/*/a", want: "configmap/other/a: New → Old\nconfigmap/shop/a: Old"},
		"Secret everywhere":             {objects: secret("shop", "a", "stringData: {ca.crt: $old}"), locations: "secret/*/a", want: "secret/shop/a: Old"},
		"nowhere":                       {locations: "configmap/*/a", want: "configmap/*/a:  absent: not found"},
		"a name with another purpose":   {objects: configMap("shop", "a", "data: {motd: hello}") + configMap("other", "a", old), locations: "configmap/*/a", want: "configmap/other/a: Old"},
		"only with another purpose":     {objects: configMap("shop", "a", "data: {motd: hello}"), locations: "configmap/*/a", want: "configmap/*/a:  absent: has no certificate"},
		"a key everywhere":              {objects: configMap("shop", "a", old) + configMap("other", "a", "data: {motd: hello}"), locations: "configmap/*/a:ca.crt", want: "configmap/other/a:ca.crt:  absent: has no key ca.crt\nconfigmap/shop/a:ca.crt: Old"},
		"forbidden":                     {locations: "configmap/*/a", forbidden: "configmaps", err: "list ConfigMaps: configmaps \"a\" is forbidden: cannot list"},
		"twice":                         {objects: configMap("shop", "a", old), locations: "configmap/shop/a configmap/shop/a", want: "configmap/shop/a: Old"},
		"as a whole and as a key":       {objects: configMap("shop", "a", old), locations: "configmap/shop/a configmap/shop/a:ca.crt", want: "configmap/shop/a: Old"},
		"two keys":                      {objects: configMap("shop", "a", "data: {x: $old, z: $new}"), locations: "configmap/shop/a:z configmap/shop/a:x", want: "configmap/shop/a:x: Old\nconfigmap/shop/a:z: New"},
		"two objects":                   {objects: configMap("shop", "a", old) + configMap("shop", "b", old), locations: "configmap/shop/b configmap/shop/a", want: "configmap/shop/a: Old\nconfigmap/shop/b: Old"},
		"Bundles are not served":        {absent: []string{"trust.cert-manager.io"}, locations: "bundle/a", want: "bundle/a:  absent: the cluster does not serve Bundle"},
		"no Bundle":                     {locations: "bundle/a", want: "bundle/a:  absent: not found"},
		"Bundle":                        {objects: bundle("a", "{"+inLine+", target: {configMap: {key: x}, "+team+"}}") + configMap("shop", "a", "data: {x: $old}"), locations: "bundle/a", want: "bundle/a:inLine: Old\nconfigmap/other/a:x:  absent: not found\nconfigmap/shop/a:x: Old"},
		"Bundle's own namespaces":       {objects: bundle("a", "{"+inLine+", target: {configMap: {key: x}, namespaceSelector: {matchLabels: {size: small}}}}") + configMap("shop", "a", "data: {x: $new}") + configMap("other", "a", "data: {x: $old}"), locations: "bundle/a", want: "bundle/a:inLine: Old\nconfigmap/other/a:x: Old"},
		"Bundle of other sources":       {objects: bundle("a", "{sources: [{inLine: $old}, {secret: {name: b, key: c}}], target: {secret: {key: x}, namespaceSelector: {matchLabels: {size: small}}}}") + secret("other", "a", "stringData: {x: $both}"), locations: "bundle/a", want: "secret/other/a:x: New → Old"},
		"Bundle with the system's":      {objects: bundle("a", "{sources: [{useDefaultCAs: true}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {size: small}}}}") + configMap("other", "a", "data: {x: $old}"), locations: "bundle/a", want: "configmap/other/a:x: Old and others"},
		"Bundle without target":         {objects: bundle("a", "{sources: [{secret: {name: b, key: c}}], target: {"+team+"}}"), locations: "bundle/a", want: "bundle/a:  absent: has no target or selects no namespace"},
		"Bundle for no namespace":       {objects: bundle("a", "{sources: [{secret: {name: b, key: c}}], target: {configMap: {key: x}, "+none+"}}"), locations: "bundle/a", want: "bundle/a:  absent: has no target or selects no namespace"},
		"Bundle with CAs but no target": {objects: bundle("a", "{"+inLine+"}"), locations: "bundle/a", want: "bundle/a:inLine: Old"},
		"Bundle that has been read":     {objects: bundle("a", "{sources: [{secret: {name: b, key: c}}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {size: small}}}}") + configMap("other", "a", "data: {x: $old}"), locations: "configmap/other/a:x bundle/a", want: "configmap/other/a:x: Old"},
		"Bundle with a wrong selector":  {objects: bundle("a", "{target: {configMap: {key: x}, namespaceSelector: {matchLabels: {a: '?'}}}}"), locations: "bundle/a", err: `bundle/a: values[0][a]: Invalid value: "?": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`},
		"Bundle that cannot be read":    {objects: bundle("a", "{sources: none}"), locations: "bundle/a", err: "read bundle/a: json: cannot unmarshal string into Go struct field .sources of type []struct { InLine string \"json:\\\"inLine\\\"\"; UseDefaultCAs *bool \"json:\\\"useDefaultCAs\\\"\"; ConfigMap *cluster.source; Secret *cluster.source }"},
		"Bundle that is forbidden":      {locations: "bundle/a", forbidden: "bundles", err: `read bundle/a: bundles.trust.cert-manager.io "a" is forbidden: cannot get`},
		"Bundle's target is forbidden":  {objects: bundle("a", "{"+inLine+", target: {secret: {key: x}}}"), locations: "bundle/a", forbidden: "secrets", err: "list Secrets: secrets \"a\" is forbidden: cannot list"},
		"ClusterTrustBundles not there": {absent: []string{"certificates.k8s.io"}, locations: "clustertrustbundle/a", want: "clustertrustbundle/a:  absent: the cluster does not serve ClusterTrustBundle"},
		"no ClusterTrustBundle":         {objects: clusterTrustBundle("example.com:ca:a", "$old"), locations: "clustertrustbundle/a", want: "clustertrustbundle/a:  absent: not found"},
		"ClusterTrustBundle":            {objects: clusterTrustBundle("a", "$old") + clusterTrustBundle("b", "$new"), locations: "clustertrustbundle/a", want: "clustertrustbundle/a: Old"},
		"ClusterTrustBundle of signer":  {objects: clusterTrustBundle("example.com:ca:a", "$old"), locations: "clustertrustbundle/example.com:ca:a", want: "clustertrustbundle/example.com:ca:a: Old"},
		"two with one prefix":           {objects: clusterTrustBundle("a", "$old") + clusterTrustBundle("a:b", "$new"), locations: "clustertrustbundle/a clustertrustbundle/a:b", want: "clustertrustbundle/a: Old\nclustertrustbundle/a:b: New"},
		"ClusterTrustBundle, forbidden": {locations: "clustertrustbundle/a", forbidden: "clustertrustbundles", err: "list clustertrustbundles: clustertrustbundles.certificates.k8s.io is forbidden: cannot list"},
		"any kind":                      {objects: configMap("shop", "a", old) + secret("other", "a", "stringData: {ca.crt: $new}") + clusterTrustBundle("example.com:a", "$far") + clusterTrustBundle("example.com:aa", "$far"), locations: "a", want: "clustertrustbundle/example.com:a: Far\nconfigmap/shop/a: Old\nsecret/other/a: New"},
		"any kind, none":                {objects: configMap("shop", "b", old), locations: "a", want: "a:  absent: no object has this name"},
		"any kind, read before":         {objects: configMap("shop", "a", old), locations: "configmap/shop/a a", want: "configmap/shop/a: Old"},
		"any kind, beside none":         {objects: configMap("shop", "a", old), locations: "configmap/*/b a", want: "configmap/*/b:  absent: not found\nconfigmap/shop/a: Old"},
		"any kind, a target is missing": {objects: bundle("a", "{"+inLine+", target: {configMap: {key: x}, "+team+"}}") + configMap("shop", "a", "data: {x: $old}"), locations: "a", want: "bundle/a:inLine: Old\nconfigmap/other/a:x:  absent: not found\nconfigmap/shop/a:x: Old"},
		"any kind, some forbidden":      {locations: "a", forbidden: "secrets", want: "a (Secrets):  absent: listing is forbidden"},
		"any kind, one cannot be read":  {objects: bundle("a", "{target: none}"), locations: "a", err: "read bundle/*/a: json: cannot unmarshal string into Go struct field .target of type struct { ConfigMap *cluster.keyOnly; Secret *cluster.keyOnly; AdditionalFormats struct { JKS *cluster.keyOnly; PKCS12 *cluster.keyOnly } \"json:\\\"additionalFormats\\\"\"; NamespaceSelector *v1.LabelSelector \"json:\\\"namespaceSelector\\\"\" }"},
		"component":                     {objects: deployment("shop", "web", "[{name: other, configMap: {name: b}}, {name: kubectl-certs-corp, configMap: {name: a}}]") + configMap("shop", "a", old) + configMap("shop", "b", both), locations: "component/shop/corp", want: "configmap/shop/a:ca.crt: Old mounted by: Deployment/shop/web"},
		"component everywhere":          {objects: deployment("shop", "web", "[{name: kubectl-certs-corp, configMap: {name: a}}]") + configMap("shop", "a", old) + deployment("other", "api", "[{name: kubectl-certs-corp, configMap: {name: a}}]"), locations: "component/corp", want: "configmap/other/a:ca.crt:  absent: not found mounted by: Deployment/other/api\nconfigmap/shop/a:ca.crt: Old mounted by: Deployment/shop/web"},
		"component of a signer":         {objects: deployment("shop", "web", "[{name: kubectl-certs-corp, projected: {sources: [{clusterTrustBundle: {name: 'x:a', path: ca.crt}}]}}]") + clusterTrustBundle("x:a", "$old"), locations: "component/shop/corp", want: "clustertrustbundle/x:a: Old mounted by: Deployment/shop/web"},
		"component that is not mounted": {objects: deployment("shop", "web", "[{name: v, configMap: {name: a}}]"), locations: "component/shop/corp", want: "component/shop/corp:  absent: no workload mounts it"},
		"component, some forbidden":     {locations: "component/shop/corp", forbidden: "pods", want: "component/shop/corp (Pods):  absent: listing is forbidden"},
		"component, its ConfigMap not":  {objects: deployment("shop", "web", "[{name: kubectl-certs-corp, configMap: {name: a}}]"), locations: "component/shop/corp", forbidden: "configmaps", err: `read configmap/shop/a:ca.crt: configmaps "a" is forbidden: cannot get`},
		"OpenShift":                     {objects: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", "data: {ca-bundle.crt: $old}") + injected, locations: "openshift", want: "configmap/openshift-config/corp:ca-bundle.crt: Old\nconfigmap/shop/all:ca-bundle.crt: New → Old and others"},
		"OpenShift by another name":     {absent: []string{"config.openshift.io"}, objects: configMap("openshift-config", "user-ca-bundle", "data: {ca-bundle.crt: $old}"), locations: "openshift", want: "configmap/openshift-config/user-ca-bundle:ca-bundle.crt: Old"},
		"OpenShift without a Proxy":     {objects: configMap("openshift-config", "user-ca-bundle", "data: {ca-bundle.crt: $old}"), locations: "openshift", want: "proxy/cluster:  absent: not found"},
		"OpenShift without CAs":         {objects: proxy("{}") + injected, locations: "openshift", want: "configmap/shop/all:ca-bundle.crt: New → Old and others\nproxy/cluster:  absent: has no spec.trustedCA.name"},
		"OpenShift, no ConfigMap":       {objects: proxy("{trustedCA: {name: corp}}"), locations: "openshift", want: "configmap/openshift-config/corp:ca-bundle.crt:  absent: not found"},
		"OpenShift, forbidden":          {locations: "openshift", forbidden: "proxies", err: `read proxy/cluster: proxies.config.openshift.io "cluster" is forbidden: cannot get`},
		"OpenShift, its CAs forbidden":  {objects: proxy("{trustedCA: {name: corp}}"), locations: "openshift", forbidden: "configmaps", err: `read configmap/openshift-config/corp:ca-bundle.crt: configmaps "corp" is forbidden: cannot get`},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t, tt.absent...)
			reader := readerOf(t, server, tt.objects)
			server.Allow = func(r kubetest.Request) bool { return r.Resource != tt.forbidden }
			var locations []usage.Location
			for word := range strings.FieldsSeq(tt.locations) {
				location, err := usage.ParseLocation(word)
				if err != nil {
					t.Fatal(err)
				}
				locations = append(locations, location)
			}
			states, err := reader.Locations(t.Context(), locations, &usage.Values{})
			var got []string
			for _, state := range states {
				got = append(got, text(state))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("error %v, want %s", err, tt.err)
			}
		})
	}
}

// TestSelectedLocations: a selector says where an object must be, and an
// optional component need not be mounted.
func TestSelectedLocations(t *testing.T) {
	target := func(selector string) usage.Location {
		found, errs := TargetsOf(objectsOf(t, strings.TrimSuffix(bundle("a", "{"+inLine+", target: {configMap: {key: x}, "+selector+"}}"), "\n---\n")), &usage.Values{})
		if len(errs) > 0 || len(found) != 2 {
			t.Fatalf("%v and %v", found, errs)
		}
		return found[1].Location
	}
	for name, tt := range map[string]struct {
		location usage.Location
		want     string
	}{
		"some":      {target(team), "configmap/other/a:x:  absent: not found\nconfigmap/shop/a:x: Old"},
		"none":      {target(none), "configmap/*/a:x:  idle: selects no namespace"},
		"component": {usage.Location{Kind: usage.Component, Name: "corp", Optional: true}, "component/corp:  idle: no workload mounts it"},
	} {
		t.Run(name, func(t *testing.T) {
			reader := readerOf(t, kubetest.Start(t), configMap("shop", "a", "data: {x: $old}"))
			checkLocation(t, reader, tt.location, tt.want)
		})
	}
}

// checkLocation compares the states of a location, one on a line.
func checkLocation(t *testing.T, reader *Reader, location usage.Location, want string) {
	t.Helper()
	states, err := reader.Locations(t.Context(), []usage.Location{location}, &usage.Values{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, state := range states {
		got = append(got, text(state))
	}
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHashedLocations: the newest object of a name with a hash counts in each
// namespace. The API server sets the time of creation, so the list is made here.
func TestHashedLocations(t *testing.T) {
	made := func(namespace, name string, hour int, pem []byte) map[string]any {
		return map[string]any{
			"metadata": map[string]any{"namespace": namespace, "name": name, "creationTimestamp": fmt.Sprintf("2026-11-22T%02d:00:00Z", hour)},
			"data":     map[string]string{"ca.crt": string(pem)},
		}
	}
	server := kubetest.Start(t)
	reader := readerOf(t, server, "")
	var items []any
	server.Aggregated = map[string]http.Handler{"": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "v1", "kind": "ConfigMapList", "metadata": map[string]any{}, "items": items})
	})}
	for name, tt := range map[string]struct {
		items []any
		want  string
	}{
		"newest first": {[]any{made("shop", "a-2222222222", 5, catest.PEM(newRoot)), made("shop", "a-4444444444", 3, catest.PEM(oldRoot))}, "configmap/shop/a-2222222222: New before: configmap/shop/a-4444444444"},
		"newest last":  {[]any{made("shop", "a-2222222222", 3, catest.PEM(oldRoot)), made("shop", "a-4444444444", 5, catest.PEM(newRoot))}, "configmap/shop/a-4444444444: New before: configmap/shop/a-2222222222"},
		"other names":  {[]any{made("shop", "a", 5, catest.PEM(newRoot)), made("shop", "b-2222222222", 5, catest.PEM(newRoot)), made("shop", "a-4444444444", 3, catest.PEM(oldRoot))}, "configmap/shop/a-4444444444: Old"},
		"two places":   {[]any{made("shop", "a-2222222222", 5, catest.PEM(newRoot)), made("other", "a-4444444444", 3, catest.PEM(oldRoot))}, "configmap/other/a-4444444444: Old\nconfigmap/shop/a-2222222222: New"},
		"none":         {[]any{made("shop", "a", 5, catest.PEM(newRoot))}, "configmap/*/a-*:  absent: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			items = tt.items
			checkLocation(t, reader, usage.Location{Kind: "ConfigMap", Namespace: usage.Everywhere, Name: "a", Hashed: true}, tt.want)
		})
	}
}

// TestImmutable: an immutable object was written before pods could mount it. The
// time at which another one was written is unknown without managed fields.
func TestImmutable(t *testing.T) {
	made := metav1.NewTime(catest.Date(2026, 11, 22))
	for _, immutable := range []bool{true, false} {
		m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a", CreationTimestamp: made}, Immutable: &immutable, Data: map[string]string{"ca.crt": string(catest.PEM(oldRoot))}}
		p := &locationReader{values: &usage.Values{}}
		if !p.addObject(usage.Location{Kind: "ConfigMap", Name: "a"}, configMapData(m), expected{}) || len(p.held) != 1 {
			t.Fatalf("held %v", p.held)
		}
		if got := p.held[0].Changed; got.IsZero() == immutable || immutable && !got.Before(made.Time) {
			t.Errorf("immutable %v: changed at %s", immutable, got)
		}
	}
}
