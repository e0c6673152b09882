package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
)

func TestReadBundles(t *testing.T) {
	all := &metav1.LabelSelector{}
	target := func(kind, key string) rotation.Place { return rotation.Place{Kind: kind, Key: key} }
	for name, tt := range map[string]struct {
		v    version
		spec string
		want trusted
	}{
		"in line": {bundles, `{sources: [{inLine: a}, {inLine: b}], target: {configMap: {key: x}}}`, trusted{
			inLine: []string{"a", "b"}, targets: []rotation.Place{target("ConfigMap", "x")}, selector: all}},
		"with the system's roots": {bundles, `{sources: [{inLine: a}, {useDefaultCAs: true}]}`, trusted{inLine: []string{"a"}, defaults: true, selector: all}},
		"without them":            {bundles, `{sources: [{useDefaultCAs: false}]}`, trusted{selector: all}},
		"from other objects": {bundles, `{sources: [{configMap: {name: a, key: b}}, {secret: {name: a, key: b}}]}`, trusted{
			others: true, refs: []rotation.Place{{Kind: "ConfigMap", Name: "a", Key: "b"}, {Kind: "Secret", Name: "a", Key: "b"}}, selector: all}},
		"from any number of them": {bundles, `{sources: [{configMap: {selector: {}, key: b}}, {secret: {name: a, includeAllKeys: true}}]}`, trusted{others: true, unknown: true, selector: all}},
		"in all formats": {bundles, `{target: {configMap: {key: x}, secret: {key: z}, additionalFormats: {jks: {key: j, password: secret}, pkcs12: {key: p}}, namespaceSelector: {matchLabels: {a: b}}}}`, trusted{
			targets: []rotation.Place{
				target("ConfigMap", "x"), target("ConfigMap", "j"), target("ConfigMap", "p"),
				target("Secret", "z"), target("Secret", "j"), target("Secret", "p"),
			},
			secrets: []string{"secret", "secret"}, selector: &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}}},
		"of today": {clusterBundles, `{inLineCAs: a, defaultCAs: {provider: System}, target: {configMap: {data: [{key: x}, {key: p, format: PKCS12, password: secret}]}, namespaceSelector: {}}}`, trusted{
			inLine: []string{"a"}, defaults: true, targets: []rotation.Place{target("ConfigMap", "x"), target("ConfigMap", "p")},
			secrets: []string{"secret"}, selector: all}},
		"of today, from other objects": {clusterBundles, `{sourceRefs: [{kind: ConfigMap, name: a, key: b}], defaultCAs: {provider: Disabled}, target: {secret: {data: [{key: x}]}, namespaceSelector: {}}}`, trusted{
			others: true, refs: []rotation.Place{{Kind: "ConfigMap", Name: "a", Key: "b"}}, targets: []rotation.Place{target("Secret", "x")}, selector: all}},
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
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(trusted{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
