package cluster

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func TestReadBundles(t *testing.T) {
	all := &metav1.LabelSelector{}
	target := func(kind, key string) usage.Location { return usage.Location{Kind: kind, Key: key} }
	for name, tt := range map[string]struct {
		v    version
		spec string
		want bundleSpec
	}{
		"in line": {bundles, `{sources: [{inLine: a}, {inLine: b}], target: {configMap: {key: x}}}`, bundleSpec{
			inLine: []string{"a", "b"}, targets: []usage.Location{target("ConfigMap", "x")}, formats: []string{"PEM"}, selector: all}},
		"with the system's roots": {bundles, `{sources: [{inLine: a}, {useDefaultCAs: true}]}`, bundleSpec{inLine: []string{"a"}, defaults: true, selector: all}},
		"without them":            {bundles, `{sources: [{useDefaultCAs: false}]}`, bundleSpec{selector: all}},
		"from other objects": {bundles, `{sources: [{configMap: {name: a, key: b}}, {secret: {name: a, key: b}}]}`, bundleSpec{
			others: true, refs: []usage.Location{{Kind: "ConfigMap", Name: "a", Key: "b"}, {Kind: "Secret", Name: "a", Key: "b"}}, sources: []string{"configmap/a:b", "secret/a:b"}, selector: all}},
		"from any number of them": {bundles, `{sources: [{configMap: {selector: {matchLabels: {a: b}}, key: b}}, {secret: {name: a, includeAllKeys: true}}]}`, bundleSpec{others: true, unknown: true, sources: []string{"configmap/{a=b}:b", "secret/a:*"}, selector: all}},
		"in all formats": {bundles, `{target: {configMap: {key: x}, secret: {key: z}, additionalFormats: {jks: {key: j, password: secret}, pkcs12: {key: p}}, namespaceSelector: {matchLabels: {a: b}}}}`, bundleSpec{
			targets: []usage.Location{
				target("ConfigMap", "x"), target("ConfigMap", "j"), target("ConfigMap", "p"),
				target("Secret", "z"), target("Secret", "j"), target("Secret", "p"),
			},
			formats: []string{"PEM", "JKS", "PKCS12", "PEM", "JKS", "PKCS12"},
			secrets: []string{"secret", "secret"}, selector: &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}}},
		"of today": {clusterBundles, `{inLineCAs: a, defaultCAs: {provider: System}, target: {configMap: {data: [{key: x}, {key: p, format: PKCS12, password: secret}]}, namespaceSelector: {}}}`, bundleSpec{
			inLine: []string{"a"}, defaults: true, targets: []usage.Location{target("ConfigMap", "x"), target("ConfigMap", "p")}, formats: []string{"PEM", "PKCS12"},
			secrets: []string{"secret"}, selector: all}},
		"of today, from other objects": {clusterBundles, `{sourceRefs: [{kind: ConfigMap, name: a, key: b}], defaultCAs: {provider: Disabled}, target: {secret: {data: [{key: x}]}, namespaceSelector: {}}}`, bundleSpec{
			others: true, refs: []usage.Location{{Kind: "ConfigMap", Name: "a", Key: "b"}}, sources: []string{"configmap/a:b"}, targets: []usage.Location{target("Secret", "x")}, formats: []string{"PEM"}, selector: all}},
	} {
		t.Run(name, func(t *testing.T) {
			var spec map[string]any
			if err := yaml.Unmarshal([]byte(tt.spec), &spec); err != nil {
				t.Fatal(err)
			}
			got, err := tt.v.read(spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(bundleSpec{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestBundleAgainst: the differences of a Bundle in the cluster from Git's, in any
// notation.
func TestBundleAgainst(t *testing.T) {
	const (
		git  = `{sources: [{inLine: a}, {secret: {name: a, key: b}}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {a: b}}}}`
		wide = `{inLineCAs: a, defaultCAs: {provider: System}, target: {configMap: {data: [{key: x}]}, namespaceSelector: {}}}`
	)
	for name, tt := range map[string]struct {
		v         version
		git, have string
		want      string
	}{
		"the same":                  {bundles, git, git, ""},
		"other roots in line":       {bundles, git, `{sources: [{secret: {name: a, key: b}}, {inLine: z}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {a: b}}}}`, ""},
		"a selector in other words": {bundles, git, `{sources: [{secret: {name: a, key: b}}], target: {configMap: {key: x}, namespaceSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}}}`, ""},
		"no namespace is selected":  {bundles, git, `{sources: [{secret: {name: a, key: b}}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {a: nobody}}}}`, "selects namespaces with a=nobody; in Git namespaces with a=b"},
		"all are selected":          {bundles, git, `{sources: [{secret: {name: a, key: b}}], target: {configMap: {key: x}}}`, "selects all namespaces; in Git namespaces with a=b"},
		"another key":               {bundles, git, `{sources: [{secret: {name: a, key: b}}], target: {configMap: {key: z}, namespaceSelector: {matchLabels: {a: b}}}}`, "writes configmap:z (PEM); in Git configmap:x (PEM)"},
		"a key store":               {bundles, git, `{sources: [{secret: {name: a, key: b}}], target: {configMap: {key: x}, additionalFormats: {jks: {key: j}}, namespaceSelector: {matchLabels: {a: b}}}}`, "writes configmap:j (JKS) and configmap:x (PEM); in Git configmap:x (PEM)"},
		"a source is gone":          {bundles, git, `{sources: [{inLine: a}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {a: b}}}}`, "reads nothing; in Git secret/a:b"},
		"another source":            {bundles, git, `{sources: [{configMap: {selector: {matchLabels: {c: d}}, key: b}}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {a: b}}}}`, "reads configmap/{c=d}:b; in Git secret/a:b"},
		"the system's":              {bundles, git, `{sources: [{secret: {name: a, key: b}}, {useDefaultCAs: true}], target: {configMap: {key: x}, namespaceSelector: {matchLabels: {a: b}}}}`, "adds the system's CAs; in Git it does not"},
		"empty":                     {bundles, git, `{}`, "reads nothing; in Git secret/a:b\nwrites nothing; in Git configmap:x (PEM)\nselects all namespaces; in Git namespaces with a=b"},
		"of today, the same":        {clusterBundles, wide, `{inLineCAs: a, defaultCAs: {provider: System}, target: {configMap: {data: [{key: x, format: PEM}]}, namespaceSelector: {}}}`, ""},
		"of today, not system's":    {clusterBundles, wide, `{defaultCAs: {provider: Disabled}, target: {configMap: {data: [{key: x}]}, namespaceSelector: {}}}`, "does not add the system's CAs; in Git it does"},
		"of today, nothing":         {clusterBundles, wide, `{}`, "does not add the system's CAs; in Git it does\nwrites nothing; in Git configmap:x (PEM)\nselects no namespaces; in Git all namespaces"},
		"of today, another format":  {clusterBundles, wide, `{defaultCAs: {provider: System}, target: {configMap: {data: [{key: x, format: PKCS12}]}, namespaceSelector: {}}}`, "writes configmap:x (PKCS12); in Git configmap:x (PEM)"},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(text string) bundleSpec {
				var spec map[string]any
				if err := yaml.Unmarshal([]byte(text), &spec); err != nil {
					t.Fatal(err)
				}
				got, err := tt.v.read(spec)
				if err != nil {
					t.Fatal(err)
				}
				return got
			}
			want := read(tt.git)
			if diff := cmp.Diff(tt.want, strings.Join(want.against(read(tt.have)), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
