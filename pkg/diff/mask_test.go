package diff

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

func TestMask(t *testing.T) {
	keyed := keyPEM(t)
	for name, tt := range map[string]struct {
		old, new manifest.Object
		want     []string
	}{
		"data": {
			secret(map[string]any{"token": b64("aaaa"), "user": b64("me")}),
			secret(map[string]any{"token": b64("bbbb"), "user": b64("me")}),
			[]string{"-  token: *** (4 bytes, before)", "+  token: *** (4 bytes, after)"}},
		"data of another length": {
			secret(map[string]any{"token": b64("aaaa")}),
			secret(map[string]any{"token": b64("bbbbb")}),
			[]string{"-  token: *** (4 bytes)", "+  token: *** (5 bytes)"}},
		"data swapped": {
			secret(map[string]any{"a": b64("aaaa"), "b": b64("bbbb")}),
			secret(map[string]any{"a": b64("bbbb"), "b": b64("aaaa")}),
			[]string{
				"-  a: *** (4 bytes, before)", "-  b: *** (4 bytes, before)",
				"+  a: *** (4 bytes, after)", "+  b: *** (4 bytes, after)"}},
		"base64 in two lines": {
			secret(map[string]any{"token": b64("aaaaaaaa")}),
			secret(map[string]any{"token": b64("aaaaaaaa")[:4] + "\n" + b64("aaaaaaaa")[4:]}), nil},
		"data that is not base64": {
			secret(map[string]any{"token": "?-old"}),
			secret(map[string]any{"token": "?-new"}),
			[]string{"-  token: *** (5 bytes, before)", "+  token: *** (5 bytes, after)"}},
		"a number, a list and a map": {
			secret(map[string]any{"pin": int64(1234), "l": []any{b64("aaaa")}, "m": map[string]any{"k": b64("aaaa")}}),
			secret(map[string]any{"pin": int64(4321), "l": []any{b64("bbbb")}, "m": map[string]any{"k": b64("bbbb")}}),
			[]string{
				"-  - *** (4 bytes, before)", "+  - *** (4 bytes, after)",
				"-    k: *** (4 bytes, before)", "-  pin: *** (4 bytes, before)",
				"+    k: *** (4 bytes, after)", "+  pin: *** (4 bytes, after)"}},
		"certificate and key": {
			secret(map[string]any{"tls.crt": b64(certPEM(t, "a")), "tls.key": b64(keyed)}),
			secret(map[string]any{"tls.crt": b64(certPEM(t, "a")), "tls.key": b64(keyed + "\n")}),
			[]string{"-  tls.key: *** (119 bytes)", "+  tls.key: *** (120 bytes)"}},
		"certificate with key": {
			secret(map[string]any{"pem": b64(certPEM(t, "a") + keyed)}), secret(nil),
			[]string{"-data:", "-  pem: *** (515 bytes)", "+data: {}"}},
		"certificate with a password": {
			secret(map[string]any{"conf": b64(certPEM(t, "a") + "password: aaaa\n")}),
			secret(map[string]any{"conf": b64(certPEM(t, "a") + "password: bbbb\n")}),
			[]string{"-  - *** (16 bytes of other text, before)", "+  - *** (16 bytes of other text, after)"}},
		"password of a keystore": {
			manifest.Object{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"jks": map[string]any{"password": "aaaa", "passwordSecretRef": map[string]any{"name": "x"}}}},
			manifest.Object{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"jks": map[string]any{"password": "bbbb", "passwordSecretRef": map[string]any{"name": "z"}}}},
			[]string{"-    password: *** (4 bytes, before)", "+    password: *** (4 bytes, after)", "-      name: x", "+      name: z"}},
		"template of a SealedSecret": {
			manifest.Object{"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"encryptedData": map[string]any{"k": "AgA"}, "template": map[string]any{"type": "Opaque", "data": map[string]any{"k": "aaaa"}}}},
			manifest.Object{"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"encryptedData": map[string]any{"k": "AgB"}, "template": map[string]any{"type": "other", "data": map[string]any{"k": "bbbb"}}}},
			[]string{"-    k: AgA", "+    k: AgB", "-      k: *** (4 bytes, before)", "-    type: Opaque", "+      k: *** (4 bytes, after)", "+    type: other"}},
		"template of an ExternalSecret": {
			manifest.Object{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"target": map[string]any{"template": map[string]any{"data": map[string]any{"k": "aaaa"}}}}},
			manifest.Object{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"target": map[string]any{"template": map[string]any{"data": map[string]any{"k": "bbbb"}}}}},
			[]string{"-        k: *** (4 bytes, before)", "+        k: *** (4 bytes, after)"}},
		"template of a ClusterExternalSecret": {
			manifest.Object{"apiVersion": "external-secrets.io/v1", "kind": "ClusterExternalSecret", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"template": map[string]any{"stringData": map[string]any{"k": "aaaa"}}}},
			manifest.Object{"apiVersion": "external-secrets.io/v1", "kind": "ClusterExternalSecret", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"template": map[string]any{"stringData": map[string]any{"k": "bbbb"}}}},
			[]string{"-      k: *** (4 bytes, before)", "+      k: *** (4 bytes, after)"}},
		"template of a Deployment": {
			manifest.Object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"template": map[string]any{"data": map[string]any{"k": "aaaa"}}}},
			manifest.Object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "c"}, "spec": map[string]any{"template": map[string]any{"data": map[string]any{"k": "bbbb"}}}},
			[]string{"-      k: aaaa", "+      k: bbbb"}},
		"a value that becomes a map": {
			secret(map[string]any{"token": b64("aaaa")}), secret(map[string]any{"token": map[string]any{"k": b64("aaaa")}}),
			[]string{"-  token: *** (4 bytes)", "+  token:", "+    k: *** (4 bytes)"}},
		"a list that becomes a value": {
			secret(map[string]any{"token": []any{b64("aaaa")}}), secret(map[string]any{"token": b64("aaaa")}),
			[]string{"-  token:", "-  - *** (4 bytes)", "+  token: *** (4 bytes)"}},
		"a certificate that is damaged": {
			secret(map[string]any{"ca": b64(beginCert + "\nAAAA\n" + endCert)}), secret(map[string]any{"ca": b64(beginCert + "\nBBBB\n" + endCert)}),
			[]string{"-  ca: *** (58 bytes, before)", "+  ca: *** (58 bytes, after)"}},
		"key in a ConfigMap": {configMap("k", keyed), configMap("k", strings.ToUpper(keyed)),
			[]string{"-  k: *** (119 bytes, before)", "+  k: *** (119 bytes, after)"}},
		"key in a ConfigMap, base64": {configMap("k", b64(keyed)), configMap("k", ""),
			[]string{"-  k: *** (160 bytes)", `+  k: ""`}},
		"a mask written out": {configMap("k", keyed), configMap("k", "*** (119 bytes)"),
			[]string{"-  k: *** (119 bytes, before)", "+  k: *** (119 bytes, after)"}},
	} {
		t.Run(name, func(t *testing.T) {
			old, new := tt.old.Clone(), tt.new.Clone()
			var got []string
			if changes := between(t, tt.old, tt.new); len(changes) > 0 {
				got = signed(changes[0].Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if !manifest.Equal(old, tt.old) || !manifest.Equal(new, tt.new) {
				t.Error("the input was changed")
			}
		})
	}
}

// Values that would be shown the same are marked in words, within the mask if
// they are masked.
func TestMaskedValuesDiffer(t *testing.T) {
	for name, tt := range map[string]struct{ show, want any }{
		"mask":        {"*** (4 bytes)", "*** (4 bytes, before)"},
		"text":        {"<certificate: a>", "<certificate: a> (before)"},
		"no text":     {"", " (before)"},
		"half a mask": {"*** (4 bytes", "*** (4 bytes (before)"},
		"closed":      {"a)", "a) (before)"},
		"lines":       {[]any{"a", "*** (1 bytes)"}, []any{"a", "*** (1 bytes, before)"}},
		"one line":    {[]any{"a"}, []any{"a (before)"}},
		"no line":     {[]any{}, "[] (before)"},
		"a number":    {int64(1), "1 (before)"},
	} {
		if diff := cmp.Diff(tt.want, withMark(tt.show, "before")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// leaky holds a secret in every place that we know of: <token>, and the
// fixture key as <key>, <key64> or <key6464>; <conf> is a certificate and <token>.
const leaky = `
apiVersion: v1
kind: Secret
metadata:
  name: a
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"data":{"t":"<token>"}}'
    kapp.k14s.io/original: '{"data":{"t":"<token>"}}'
    objectset.rio.cattle.io/applied: '{"data":{"t":"<token>"}}'
data: {t: <token>, k: <key64>, k2: <key6464>}
stringData: {t: <token>, k: <key>, conf: <conf>}
stringdata: {misspelt: <token>}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: b}, data: {t: <token>}}
- {apiVersion: v1, kind: SecretList, items: [{apiVersion: v1, kind: Secret, metadata: {name: c}, data: {t: <token>}}]}
---
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: t}
objects:
- {apiVersion: v1, kind: Secret, metadata: {name: d}, stringData: {t: <token>}}
- {apiVersion: v1, kind: Secret, data: {t: <token>}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m, annotations: {note: <key>}}
data: {a: <key>, b: <key64>, c: <key6464>}
binaryData: {d: <key64>}
---
apiVersion: example.com/v1
kind: Thing
metadata: {name: y}
spec: {list: [<key>, {deep: [<key64>]}]}
`

const tokenOne, tokenTwo = "c2VjcmV0LXRva2VuLW9uZQ==", "c2VjcmV0LXRva2VuLXR3bw=="

// secretStream fills in leaky.
func secretStream(t testing.TB, token, key string) []manifest.Object {
	t.Helper()
	quoted := func(s string) string { return `"` + strings.ReplaceAll(s, "\n", `\n`) + `"` }
	inJSON := strings.NewReplacer(`"<token>"`, `"`+token+`"`, "<token>", quoted(token),
		"<key>", quoted(key), "<key64>", quoted(b64(key)), "<conf>", quoted(certPEM(t, "a")+"password: "+token+"\n"), "<key6464>", quoted(b64(b64(key))))
	return decode(t, inJSON.Replace(leaky))
}

func TestNoSecretIsShown(t *testing.T) {
	key := keyPEM(t)
	other := strings.Replace(key, "MC4CAQ", "MC4CAA", 1) // a key too, and of one length
	empty := []manifest.Object(nil)
	one, two := secretStream(t, tokenOne, key), secretStream(t, tokenTwo, other)
	for name, sides := range map[string][2][]manifest.Object{
		"added": {empty, one}, "removed": {one, empty}, "changed": {one, two}, "changed back": {two, one},
	} {
		t.Run(name, func(t *testing.T) {
			changes, err := Objects(sides[0], sides[1])
			if err != nil {
				t.Fatal(err)
			}
			if len(changes) != 6 {
				t.Fatalf("%d changes, want 6", len(changes))
			}
			out := everyOutput(t, changes)
			for _, secret := range secretBytes(t) {
				if strings.Contains(out, secret) {
					t.Errorf("%q is shown in:\n%s", secret, out)
				}
			}
		})
	}
}

// secretBytes are pieces of the secrets in every form they could take.
func secretBytes(t testing.TB) []string {
	body := strings.Split(keyPEM(t), "\n")[1]
	return []string{
		tokenOne, tokenTwo, "secret-token", "c2VjcmV0", "PRIVATE KEY", body[8:40],
		string(seed[:]), hex.EncodeToString(seed[:8]), b64(keyPEM(t))[:40], b64(b64(keyPEM(t)))[:40],
	}
}

// everyOutput is what all renderers write, one after another.
func everyOutput(t testing.TB, changes []Change) string {
	t.Helper()
	var out bytes.Buffer
	for _, err := range []error{
		Text(&out, changes, TextOptions{}),
		Text(&out, changes, TextOptions{Color: true}),
		writeSummary(&out, changes),
		writeJSON(&out, changes),
		Markdown(&out, changes),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestReferenceToSecretIsShown(t *testing.T) {
	gateway := decode(t, `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g}
spec: {listeners: [{name: https, tls: {certificateRefs: [{kind: Secret, name: cafe-tls, group: ""}]}}]}
`)
	changes, err := Objects(nil, gateway)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(changes[0].Text, "name: cafe-tls") {
		t.Errorf("the reference is masked:\n%s", changes[0].Text)
	}
}

// TestNestedKind: a key called kind may have any value, at any depth.
func TestNestedKind(t *testing.T) {
	for name, kind := range map[string]any{
		"map": map[string]any{"type": "string"}, "list": []any{"Pod"}, "number": int64(1), "fraction": 1.5, "null": nil, "truth": true,
	} {
		t.Run(name, func(t *testing.T) {
			old := manifest.Object{"apiVersion": "example.org/v1", "kind": "Policy", "metadata": map[string]any{"name": "p"},
				"spec": map[string]any{"match": map[string]any{"kind": kind}, "all": []any{map[string]any{"kind": kind}}, "x": int64(1)}}
			new := old.Clone()
			new.Map("spec")["x"] = int64(2)
			if diff := cmp.Diff([]string{"-  x: 1", "+  x: 2"}, signed(one(t, old, new).Text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for action, sides := range map[Action][2][]manifest.Object{Added: {nil, {old}}, Removed: {{old}, nil}} {
				changes, err := Objects(sides[0], sides[1])
				if err != nil || len(changes) != 1 || changes[0].Action != action {
					t.Errorf("got %v, %v, want one %s", changes, err, action)
				}
			}
		})
	}
}
