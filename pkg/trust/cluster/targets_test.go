package cluster

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestTargetsOf: which objects are locations, how many certificates they have,
// and the errors of those that cannot be read.
func TestTargetsOf(t *testing.T) {
	const inject = `labels: {config.openshift.io/inject-trusted-cabundle: "true"}`
	for name, tt := range map[string]struct{ objects, want, wrong string }{
		"ConfigMap":                {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {motd: hello, ca.crt: $two}}`, "configmap/shop/a:ca.crt 2 of ca.crt", ""},
		"binary":                   {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, binaryData: {ca.crt: $b64}}`, "configmap/shop/a:ca.crt 2 of ca.crt", ""},
		"of the context":           {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {ca.crt: $one}}`, "configmap/a:ca.crt 1 of ca.crt", ""},
		"without certificates":     {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {motd: hello, dh.pem: none}}`, "", ""},
		"keys that differ":         {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {all.pem: $two, ca.crt: $one}}`, "configmap/shop/a:all.pem 2 of all.pem ca.crt\nconfigmap/shop/a:ca.crt 1 of all.pem ca.crt", ""},
		"Secret":                   {`{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: shop}, data: {ca1.crt: $b64}, stringData: {ca2.crt: $one}}`, "secret/shop/a 2 of ca1.crt ca2.crt", ""},
		"stringData alone":         {`{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: shop}, stringData: {ca2.crt: $one}}`, "secret/shop/a 1 of ca2.crt", ""},
		"TLS":                      {`{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: a, namespace: shop}, stringData: {tls.crt: $two, ca.crt: $one}}`, "secret/shop/a:ca.crt 1 of ca.crt", ""},
		"not base64":               {`{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: shop}, data: {ca1.crt: "%%%"}}`, "", "Secret/shop/a: an API server would reject it: error decoding from json: illegal base64 data at input byte 0"},
		"blocks glued":             {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {ca.crt: $glued}}`, "configmap/shop/a:ca.crt 2 of ca.crt", "configmap/shop/a: cannot be read: ca.crt: T102: a block starts on the line where the previous one ends"},
		"Bundle":                   {`{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: a}, spec: {sources: [{inLine: $one}, {useDefaultCAs: true}], target: {configMap: {key: x}}}}`, "bundle/a 1\nconfigmap/*/a:x 1 and more", ""},
		"Bundle with others":       {`{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: a}, spec: {sources: [{inLine: $one}, {secret: {name: x, key: ca.crt}}], target: {configMap: {key: x}, additionalFormats: {jks: {key: j}}}}}`, "bundle/a 1\nconfigmap/*/a:x 1 and secret/x:ca.crt\nconfigmap/*/a:j 1 and secret/x:ca.crt", ""},
		"Bundle of others":         {`{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: a}, spec: {sources: [{secret: {name: x, key: ca.crt}}], target: {secret: {key: x}}}}`, "bundle/a 0\nsecret/*/a:x 0 and secret/x:ca.crt", ""},
		"Bundle of any":            {`{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: a}, spec: {sources: [{configMap: {selector: {matchLabels: {a: b}}, key: ca.crt}}], target: {configMap: {key: x}}}}`, "bundle/a 0\nconfigmap/*/a:x 0 and more", ""},
		"ClusterBundle of some":    {`{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: a}, spec: {sourceRefs: [{kind: ConfigMap, name: x, key: ca.crt}, {kind: Secret, name: x, key: "*"}], inLineCAs: $one, target: {configMap: {data: [{key: x}]}}}}`, "clusterbundle/a 1\nconfigmap/*/a:x 1 and configmap/x:ca.crt and more", ""},
		"ClusterBundle":            {`{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: a}, spec: {inLineCAs: $two}}`, "clusterbundle/a 2", ""},
		"ClusterTrustBundle":       {`{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: "x:a"}, spec: {trustBundle: $two}}`, "clustertrustbundle/x:a 2", ""},
		"an empty one":             {`{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: a}, spec: {trustBundle: none}}`, "clustertrustbundle/a 0", "clustertrustbundle/a: cannot be read: no certificate found"},
		"ClusterTrustBundle, none": {`{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: a}, spec: {}}`, "clustertrustbundle/a 0", "clustertrustbundle/a: cannot be read: no certificate found"},
		"a bundle for two":         {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {ca.crt: $two, roots.pem: $two}}`, "configmap/shop/a:ca.crt 2 of ca.crt roots.pem\nconfigmap/shop/a:roots.pem 2 of ca.crt roots.pem", ""},
		"beside parameters":        {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {ca.crt: $two, dhparam.pem: "-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n"}}`, "configmap/shop/a:ca.crt 2 of ca.crt", ""},
		"damaged":                  {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {roots: "-----BEGIN CERTIFICATE-----\nMIIB%%\n-----END CERTIFICATE-----\n"}}`, "", "configmap/shop/a: cannot be read: roots: T110: the base64 inside is damaged"},
		"damaged beside others":    {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {ca.crt: $two, roots: "-----BEGIN CERTIFICATE-----\nMIIB%%\n-----END CERTIFICATE-----\n"}}`, "configmap/shop/a:ca.crt 2 of ca.crt", "configmap/shop/a: cannot be read: roots: T110: the base64 inside is damaged"},
		"empty":                    {`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {ca-bundle.crt: ""}}`, "", "configmap/shop/a: cannot be read: ca-bundle.crt: no certificate found"},
		"Bundle of nothing":        {`{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: a}, spec: {}}`, "bundle/a 0", ""},
		"Proxy of others":          {`{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: {trustedCA: {name: u}}}`, "openshift 0 by u and more", ""},
		"filled by OpenShift":      {`{apiVersion: v1, kind: ConfigMap, metadata: {name: i, namespace: shop, ` + inject + `}}`, "configmap/shop/i:ca-bundle.crt 0 and more", ""},
		"of another group":         {`{apiVersion: example.com/v1, kind: ConfigMap, metadata: {name: a}, data: {ca.crt: $one}}`, "", ""},
		"kinds of other groups": {`{apiVersion: example.com/v1, kind: Secret, metadata: {name: a}, stringData: {ca.crt: $one}}
---
{apiVersion: example.com/v1, kind: Bundle, metadata: {name: a}, spec: {sources: [{inLine: $one}]}}
---
{apiVersion: example.com/v1, kind: ClusterBundle, metadata: {name: a}, spec: {inLineCAs: $one}}
---
{apiVersion: example.com/v1, kind: ClusterTrustBundle, metadata: {name: a}, spec: {trustBundle: $one}}
---
{apiVersion: example.com/v1, kind: Proxy, metadata: {name: a}, spec: {trustedCA: {name: u}}}
---
{apiVersion: config.openshift.io/v1, kind: Image, metadata: {name: a}, spec: {trustedCA: {name: u}}}`, "", ""},
		"OpenShift": {`{apiVersion: v1, kind: ConfigMap, metadata: {name: u, namespace: openshift-config}, data: {ca-bundle.crt: $one}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: i, namespace: shop, ` + inject + `}}
---
{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: {trustedCA: {name: u}}}`, "openshift 1 by u\nconfigmap/shop/i:ca-bundle.crt 1 and more", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var values usage.Values
			wanted, wrong := TargetsOf(objectsOf(t, tt.objects), &values)
			var got, errs []string
			for _, w := range wanted {
				line := w.Location.String() + " " + string(rune('0'+len(w.Certs)))
				for _, from := range w.From {
					line += " and " + from.String()
				}
				if w.Keys != nil {
					line += " of " + strings.Join(w.Keys, " ")
				}
				if w.Proxy != "" {
					line += " by " + w.Proxy
				}
				if w.More {
					line += " and more"
				}
				got = append(got, line)
			}
			for _, err := range wrong {
				errs = append(errs, err.Error())
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("locations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.wrong, strings.Join(errs, "\n")); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func objectsOf(t *testing.T, text string) []manifest.Object {
	t.Helper()
	one, two := corpus(t, "one.pem"), corpus(t, "two.pem")
	for name, value := range map[string]string{
		"$one": one, "$two": two, "$b64": base64.StdEncoding.EncodeToString([]byte(two)),
		"$base64": base64.StdEncoding.EncodeToString(catest.PEM(oldRoot, newRoot)), "$old": string(catest.PEM(oldRoot)), "$new": string(catest.PEM(newRoot)), "$both": string(catest.PEM(oldRoot, newRoot)), "$far": string(catest.PEM(farRoot)),
		"$glued": strings.ReplaceAll(two, "-----\n-----BEGIN", "----------BEGIN"),
	} {
		quoted, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		text = strings.ReplaceAll(text, name, string(quoted))
	}
	var objects []manifest.Object
	for _, doc := range strings.Split(text, "\n---\n") {
		var o manifest.Object
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	return objects
}

func corpus(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../../testdata/trust/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
