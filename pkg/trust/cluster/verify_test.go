package cluster

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestLocationsReadTogether: locations are read together if they have the same desired
// certificates and keys.
func TestLocationsReadTogether(t *testing.T) {
	old, fresh := catest.List(catest.Root("Old Root")), catest.List(catest.Root("New Root"))
	named := func(name string, w Target) Target {
		w.Location = usage.Location{Name: name}
		return w
	}
	groups := grouped([]Target{
		named("a", Target{Certs: old}), named("b", Target{Certs: fresh}), named("c", Target{Certs: old, More: true}),
		named("d", Target{Certs: old, Keys: []string{"ca.crt"}}), named("e", Target{Certs: old}), named("f", Target{Certs: append(old, fresh...)}),
	})
	var got []string
	for _, group := range groups {
		names := ""
		for _, w := range group {
			names += w.Location.Name
		}
		got = append(got, names)
	}
	if diff := cmp.Diff([]string{"ae", "b", "c", "d", "f"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCompareWithGit: the differences of a cluster from the objects in Git.
func TestCompareWithGit(t *testing.T) {
	target := func(spec string) string { return bundle("a", "{"+spec+"}") }
	clusterBundle := func(spec string) string {
		return "{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: a}, spec: " + spec + "}\n---\n"
	}
	const (
		small  = "namespaceSelector: {matchLabels: {size: small}}"
		toX    = "target: {configMap: {key: x}, " + small + "}"
		wide   = "{inLineCAs: $old, target: {configMap: {data: [{key: x}]}, " + small + "}}"
		filled = "{apiVersion: v1, kind: ConfigMap, metadata: {name: all, namespace: shop, labels: {config.openshift.io/inject-trusted-cabundle: \"true\"}}}\n---\n"
		corp   = "data: {ca-bundle.crt: $old}"
	)
	for name, tt := range map[string]struct {
		git, cluster string
		absent       []string // groups that the cluster does not serve
		want         string
	}{
		"the same":                 {git: configMap("shop", "a", old), cluster: configMap("shop", "a", old), want: "configmap/shop/a:ca.crt same"},
		"one is missing":           {git: configMap("shop", "a", both), cluster: configMap("shop", "a", old), want: "configmap/shop/a:ca.crt missing: New"},
		"another key in Git":       {git: configMap("shop", "a", "data: {ca.crt: $old, x: $old}"), cluster: configMap("shop", "a", old), want: "configmap/shop/a:ca.crt same\nconfigmap/shop/a:x absent: has no key x"},
		"another key in it":        {git: configMap("shop", "a", old), cluster: configMap("shop", "a", "data: {ca.crt: $old, x: $old}"), want: "configmap/shop/a:ca.crt differs: also has certificates in key x"},
		"numbered files":           {git: secret("shop", "a", "stringData: {ca1.crt: $old, ca2.crt: $new}"), cluster: secret("shop", "a", "stringData: {ca1.crt: $old, ca3.crt: $new}"), want: "secret/shop/a differs: has no certificate in key ca2.crt; also has certificates in key ca3.crt"},
		"not there":                {git: configMap("shop", "a", old), want: "configmap/shop/a:ca.crt absent: not found"},
		"Bundle":                   {git: target(inLine + ", " + toX), cluster: target(inLine+", "+toX) + configMap("other", "a", "data: {x: $old}"), want: "bundle/a same\nconfigmap/other/a:x same"},
		"Bundle with another CA":   {git: target(inLine + ", " + toX), cluster: target("sources: [{inLine: $new}], "+toX) + configMap("other", "a", "data: {x: $new}"), want: "bundle/a missing: Old extra: New\nconfigmap/other/a:x missing: Old extra: New"},
		"Bundle without CAs":       {git: target(inLine + ", " + toX), cluster: target(toX) + configMap("other", "a", "data: {x: $old}"), want: "bundle/a missing: Old\nconfigmap/other/a:x same"},
		"Bundle, another target":   {git: target(inLine + ", " + toX), cluster: target(inLine+", target: {configMap: {key: z}, "+small+"}") + configMap("other", "a", "data: {z: $old}"), want: "bundle/a differs: writes configmap:z (PEM); in Git configmap:x (PEM)\nconfigmap/other/a:x absent: has no key x"},
		"Bundle, not there":        {git: target(inLine + ", " + toX), cluster: configMap("other", "a", "data: {x: $old}"), want: "bundle/a absent: not found\nconfigmap/other/a:x same"},
		"Bundles, not served":      {git: target(inLine + ", " + toX), absent: []string{"trust.cert-manager.io"}, want: "bundle/a absent: the cluster does not serve Bundle\nconfigmap/other/a:x absent: not found"},
		"ClusterBundle":            {git: clusterBundle(wide), cluster: clusterBundle(wide) + configMap("other", "a", "data: {x: $old}"), want: "clusterbundle/a same\nconfigmap/other/a:x same"},
		"Bundle with the system's": {git: target("sources: [{inLine: $old}, {useDefaultCAs: true}], " + toX), cluster: target("sources: [{inLine: $old}, {useDefaultCAs: true}], "+toX) + configMap("other", "a", "data: {x: $both}"), want: "bundle/a same\nconfigmap/other/a:x same"},
		"Bundle of a Secret": {
			git:     target("sources: [{inLine: $old}, {secret: {name: b, key: c}}], " + toX),
			cluster: target("sources: [{inLine: $old}, {secret: {name: b, key: c}}], "+toX) + secret("default", "b", "stringData: {c: $new}") + configMap("other", "a", "data: {x: $old}"),
			want:    "bundle/a same\nconfigmap/other/a:x missing: New",
		},
		"Bundle of a missing Secret": {
			git:     target("sources: [{secret: {name: b, key: c}}, {secret: {name: d, key: c}}], " + toX),
			cluster: target("sources: [{secret: {name: b, key: c}}, {secret: {name: d, key: c}}], "+toX) + secret("default", "d", "stringData: {c: $new}") + configMap("other", "a", "data: {x: $new}"),
			want:    "bundle/a same\nconfigmap/other/a:x same\nsecret/default/b:c absent: not found",
		},
		"Bundle of a damaged Secret": {
			git:     target("sources: [{secret: {name: b, key: c}}], " + toX),
			cluster: target("sources: [{secret: {name: b, key: c}}], "+toX) + secret("default", "b", "stringData: {c: hello}") + configMap("other", "a", "data: {x: $new}"),
			want:    "bundle/a same\nconfigmap/other/a:x extra: New\nsecret/default/b:c damaged: no certificate found",
		},
		"ClusterTrustBundle":         {git: clusterTrustBundle("x:a", "$both"), cluster: clusterTrustBundle("x:a", "$old"), want: "clustertrustbundle/x:a missing: New"},
		"OpenShift":                  {git: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", corp) + filled, cluster: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", corp) + injected, want: "configmap/openshift-config/corp:ca-bundle.crt same\nconfigmap/shop/all:ca-bundle.crt same"},
		"OpenShift of another":       {git: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", corp), cluster: proxy("{trustedCA: {name: mine}}") + configMap("openshift-config", "corp", corp), want: "configmap/openshift-config/corp:ca-bundle.crt same\nproxy/cluster absent: names ConfigMap mine; in Git corp"},
		"OpenShift, not served":      {git: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", corp), cluster: configMap("openshift-config", "corp", corp), absent: []string{"config.openshift.io"}, want: "configmap/openshift-config/corp:ca-bundle.crt same\nproxy/cluster absent: the cluster does not serve Proxy"},
		"OpenShift with other CAs":   {git: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", corp) + filled, cluster: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", "data: {ca-bundle.crt: $new}"), want: "configmap/openshift-config/corp:ca-bundle.crt missing: Old extra: New\nconfigmap/shop/all:ca-bundle.crt absent: not found"},
		"Proxy of another namespace": {git: proxy("{trustedCA: {name: corp}}") + configMap("shop", "corp", corp) + configMap("openshift-config", "other", corp), cluster: proxy("{trustedCA: {name: corp}}") + configMap("openshift-config", "corp", corp) + configMap("shop", "corp", corp), want: "configmap/openshift-config/corp:ca-bundle.crt same\nconfigmap/openshift-config/other:ca-bundle.crt absent: not found\nconfigmap/shop/corp:ca-bundle.crt same"},
	} {
		t.Run(name, func(t *testing.T) {
			reader := readerOf(t, kubetest.Start(t, tt.absent...), tt.cluster)
			var values usage.Values
			wanted, errs := TargetsOf(objectsOf(t, strings.TrimSuffix(tt.git, "\n---\n")), &values)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			c, err := reader.Compare(t.Context(), wanted, "default", &values)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range c.Locations {
				d, s := l.Against(), l.Location
				for _, part := range []struct{ name, value string }{
					{"absent", l.Absent}, {"differs", strings.Join(l.Differs, "; ")}, {"damaged", strings.Join(l.Damage, "; ")},
					{"missing", catest.Names(d.Missing)}, {"extra", catest.Names(d.Extra)},
				} {
					if part.value != "" {
						s += " " + part.name + ": " + part.value
					}
				}
				if l.Same() {
					s += " same"
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
