package manifest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestIDs: objects are in the order of kind, group, namespace and name.
func TestIDs(t *testing.T) {
	ids := []manifest.ID{
		{Kind: "A", Group: "a", Namespace: "a", Name: "a"},
		{Kind: "A", Group: "a", Namespace: "a", Name: "b"},
		{Kind: "A", Group: "a", Namespace: "b", Name: "a"},
		{Kind: "A", Group: "b", Namespace: "a", Name: "a"},
		{Kind: "B", Group: "a", Namespace: "a", Name: "a"},
	}
	for i, a := range ids {
		for j, b := range ids {
			if got := a.Compare(b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%v to %v: %d", a, b, got)
			}
		}
	}
}

// TestObjectParts: what is missing or of another kind is as good as empty.
func TestObjectParts(t *testing.T) {
	for name, tt := range map[string]struct {
		source string
		id     string
		group  string
		labels map[string]string
	}{
		"core":         {"{apiVersion: v1, kind: A, metadata: {name: x}}", "A/x", "", nil},
		"group":        {"{apiVersion: g/v1, kind: A, metadata: {name: x, namespace: n, labels: {a: b, c: 1}}}", "A/n/x", "g", map[string]string{"a": "b"}},
		"empty labels": {"{apiVersion: v1, kind: A, metadata: {name: x, labels: {}}}", "A/x", "", nil},
		"no map":       {"{apiVersion: v1, kind: A, metadata: {name: x, labels: text}}", "A/x", "", nil},
	} {
		o := decode(t, tt.source)[0]
		if diff := cmp.Diff([]string{tt.id, tt.group}, []string{o.ID().String(), o.ID().Group}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.labels, o.Labels()); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", name, diff)
		}
	}
	var none manifest.Object
	if none.ID() != (manifest.ID{}) || none.Kind() != "" || none.Map("a", "b") != nil {
		t.Errorf("of nothing: %v", none.ID())
	}
}

// TestEqual: values are equal by what they hold, and a copy shares nothing.
func TestEqual(t *testing.T) {
	values := []any{
		nil, "", "a", int64(0), int64(1), 1.5, true, false, []any{}, []any{nil}, []any{"a"}, []any{"a", "b"}, []any{"b", "a"}, []any{[]any{"a"}},
		map[string]any{}, map[string]any{"a": nil}, map[string]any{"a": "b"}, map[string]any{"a": []any{"b"}}, map[string]any{"a": "b", "c": "d"}, map[string]any{"b": "b"},
	}
	for i, a := range values {
		o := manifest.Object{"v": a}
		copied := o.Clone()
		for j, b := range values {
			other := manifest.Object{"v": b}
			if got := manifest.EqualValues(copied["v"], b); got != (i == j) {
				t.Errorf("%v and %v: %v", a, b, got)
			}
			if got := manifest.Equal(copied, other); got != (i == j) {
				t.Errorf("objects of %v and %v: %v", a, b, got)
			}
		}
		if !manifest.Equal(o, o) {
			t.Errorf("%v is not itself", a)
		}
	}
	o := manifest.Object{"m": map[string]any{"l": []any{map[string]any{"k": "v"}}}}
	copied := o.Clone()
	copied["m"].(map[string]any)["l"].([]any)[0].(map[string]any)["k"] = "w"
	copied["m"].(map[string]any)["l"].([]any)[0] = "x"
	if diff := cmp.Diff(manifest.Object{"m": map[string]any{"l": []any{map[string]any{"k": "v"}}}}, o); diff != "" {
		t.Errorf("the copy shares something (-want +got):\n%s", diff)
	}
}

// TestIssuerAnnotations: an object asks by one annotation, and by no two of them.
func TestIssuerAnnotations(t *testing.T) {
	for annotations, want := range map[string]bool{
		"": false, "cert-manager.io/issuer: i": true, "cert-manager.io/cluster-issuer: i": true, `cert-manager.io/issuer: ""`: false,
		"cert-manager.io/issuer: i, cert-manager.io/cluster-issuer: i": false, "cert-manager.io/issuer-kind: K": false,
		"cert-manager.io/issuer: i, cert-manager.io/issuer-kind: K, cert-manager.io/issuer-group: g": true,
		"cert-manager.io/cluster-issuer: i, cert-manager.io/issuer-group: g":                         false,
		"cert-manager.io/cluster-issuer: i, cert-manager.io/issuer-kind: K":                          false,
	} {
		o := decode(t, "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {"+annotations+"}}}")[0]
		if got := manifest.NamesIssuer(o); got != want {
			t.Errorf("%s: %v, want %v", annotations, got, want)
		}
	}
}

// TestInvalidAnnotationsAndFields: what cannot be read is named, by its annotation or field.
func TestInvalidAnnotationsAndFields(t *testing.T) {
	ingress := func(annotation string) string {
		return "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {cert-manager.io/issuer: i, " + annotation + "}}, spec: {tls: [{hosts: [a], secretName: s}]}}"
	}
	certificate := func(fields string) string {
		return "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a}, spec: {secretName: s, issuerRef: {name: i}, " + fields + "}}"
	}
	for name, tt := range map[string]struct{ source, want string }{
		"percentage":      {ingress(`cert-manager.io/renew-before-percentage: "a"`), `annotation cert-manager.io/renew-before-percentage: strconv.ParseInt: parsing "a": invalid syntax`},
		"size":            {ingress(`cert-manager.io/private-key-size: "a"`), `annotation cert-manager.io/private-key-size: strconv.Atoi: parsing "a": invalid syntax`},
		"subject":         {ingress(`cert-manager.io/subject-countries: 'a"b'`), `annotation cert-manager.io/subject-countries: parse error on line 1, column 2: bare " in non-quoted-field`},
		"template":        {ingress(`cert-manager.io/secret-template: '{"extra": {}}'`), `annotation cert-manager.io/secret-template: json: unknown field "extra"`},
		"no names":        {ingress(`cert-manager.io/alt-names: ""`), ""},
		"duration":        {certificate("duration: 90d"), `spec.duration: invalid duration "90d": use hours, for example 2160h`},
		"renewBefore":     {certificate("renewBefore: 1"), "spec.renewBefore: must be text, for example 2160h"},
		"null":            {certificate("duration: null, renewBefore: 1h"), ""},
		"both fine":       {certificate("duration: 24h, renewBefore: 1h"), ""},
		"another type":    {certificate("dnsNames: a"), "spec: "},
		"no host":         {"{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: v}, spec: {tls: {secret: s, cert-manager: {issuer: i}}}}", "spec.tls.cert-manager needs spec.host and spec.tls.secret"},
		"two issuers":     {"{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: v}, spec: {host: a, tls: {secret: s, cert-manager: {issuer: i, cluster-issuer: i}}}}", "has both cert-manager.io/issuer and cert-manager.io/cluster-issuer"},
		"server's wishes": {"{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: v}, spec: {host: a, tls: {secret: s, cert-manager: {issuer: i, duration: 1d}}}}", `annotation cert-manager.io/duration: invalid duration "1d": use hours, for example 2160h`},
	} {
		needs, err := manifest.NeedsOf(decode(t, tt.source)[0])
		switch {
		case tt.want == "":
			if err != nil || len(needs) != 1 {
				t.Errorf("%s: %v, %d needs", name, err, len(needs))
			}
		case err == nil || !strings.HasPrefix(err.Error(), tt.want) || needs != nil:
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// TestLocalSecrets: a listener's Secrets are those of its own namespace, and one
// reference to anything else makes it none.
func TestLocalSecrets(t *testing.T) {
	ref := func(more ...any) map[string]any {
		m := map[string]any{"name": "s"}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	for name, tt := range map[string]struct {
		refs []any
		want []string
	}{
		"none":              {nil, nil},
		"plain":             {[]any{ref()}, []string{"s"}},
		"two":               {[]any{ref(), ref("name", "t")}, []string{"s", "t"}},
		"written out":       {[]any{ref("group", "", "kind", "Secret", "namespace", "n")}, []string{"s"}},
		"another group":     {[]any{ref("group", "vault")}, nil},
		"another kind":      {[]any{ref("kind", "ConfigMap")}, nil},
		"another namespace": {[]any{ref("namespace", "other")}, nil},
		"one of them":       {[]any{ref(), ref("namespace", "other")}, nil},
		"an empty kind":     {[]any{ref("kind", "")}, nil},
		"not a map":         {[]any{"s", ref()}, []string{"s"}},
	} {
		if diff := cmp.Diff(tt.want, manifest.LocalSecrets(tt.refs, "n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAnnotationKeys are all different, and of cert-manager.
func TestAnnotationKeys(t *testing.T) {
	keys := manifest.AnnotationKeys()
	slices.Sort(keys)
	if len(slices.Compact(keys)) != 22 || keys[0] != "cert-manager.io/alt-names" {
		t.Errorf("%d keys: %v", len(keys), keys)
	}
}

// TestScalars: values are read as Kubernetes reads them.
func TestScalars(t *testing.T) {
	for text, want := range map[string]any{
		"1": int64(1), "-1": int64(-1), "0x10": int64(16), "1.0": int64(1), "1.5": 1.5, "1e3": int64(1000), "9007199254740992.0": float64(1 << 53), "9007199254740991.0": int64(1<<53 - 1),
		"-9007199254740992.0": float64(-(1 << 53)), "99999999999999999999": 99999999999999999999.0, "true": true, "False": false, "yes": "yes", "null": nil, "~": nil, "2026-01-01": "2026-01-01", `"1"`: "1", "!!str 1": "1",
		"!!binary aGVsbG8=": "hello", "!!float 1": int64(1), "!!bool true": true,
	} {
		o := decode(t, "{apiVersion: v1, kind: A, metadata: {name: x}, v: "+text+"}")[0]
		if diff := cmp.Diff(want, o["v"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"!!bool 7":     "line 1: invalid !!bool value",
		"!!binary '%'": "line 1: invalid !!binary value: not base64",
		"!!float a":    "line 1: invalid number",
		"!!int a":      "line 1: invalid number",
	} {
		if _, err := manifest.Decode([]byte("{apiVersion: v1, kind: A, metadata: {name: x}, v: " + text + "}")); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestMerge: a merge key adds what is not there, of a map or of the first of
// several that has it.
func TestMerge(t *testing.T) {
	const head = "apiVersion: v1\nkind: A\nmetadata: {name: x}\n"
	for text, want := range map[string]map[string]any{
		"v: {a: 1, <<: {a: 2, b: 3}}":             {"a": int64(1), "b": int64(3)},
		"v: {<<: {a: 2}, a: 1}":                   {"a": int64(1)},
		"v: {<<: [{a: 1}, {a: 2, b: 3}, {b: 4}]}": {"a": int64(1), "b": int64(3)},
		"v: {<<: {}}":                             {},
		"v: {<<: {<<: {a: 1}}}":                   {"a": int64(1)},
	} {
		if diff := cmp.Diff(want, decode(t, head+text)[0].Map("v")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"v: {<<: [a]}", "v: {<<: [{a: 1}, a]}", "v: {<<: 1}"} {
		if _, err := manifest.Decode([]byte(head + text)); err == nil || err.Error() != "line 4: << needs a map" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestDecodeSomeReportsOtherLines: DecodeSome reads objects without a name too, and tells where others are.
func TestDecodeSomeReportsOtherLines(t *testing.T) {
	for name, tt := range map[string]struct {
		source string
		want   int
		others []int
	}{
		"an object":      {"{apiVersion: v1, kind: A, metadata: {name: x}}", 1, nil},
		"a name to come": {"{apiVersion: v1, kind: A, metadata: {generateName: x-}}", 1, nil},
		"no name":        {"{apiVersion: v1, kind: A, metadata: {labels: {}}}", 0, []int{1}},
		"no version":     {"{kind: A, metadata: {name: x}}", 0, []int{1}},
		"no kind":        {"{apiVersion: v1, metadata: {name: x}}", 0, []int{1}},
		"a list":         {"- a\n", 0, []int{1}},
		"both":           {"a: b\n---\n{apiVersion: v1, kind: A, metadata: {name: x}}\n---\nc: d\n", 1, []int{1, 5}},
		"of a list":      {"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: A, metadata: {name: x}}, {a: b}]}", 1, []int{1}},
		"items of none":  {"{apiVersion: v1, kind: A, metadata: {name: x}, items: [a]}", 1, nil},
		"nothing":        {"---\n---\nnull\n", 0, nil},
	} {
		objects, others, err := manifest.DecodeSome(nil, []byte(tt.source))
		if err != nil || len(objects) != tt.want || cmp.Diff(tt.others, others) != "" {
			t.Errorf("%s: %d objects, others in %v, %v", name, len(objects), others, err)
		}
	}
}

// TestJoin parts objects by a line, and only objects.
func TestJoin(t *testing.T) {
	o := decode(t, "{apiVersion: v1, kind: A, metadata: {name: x}}")[0]
	const text = "apiVersion: v1\nkind: A\nmetadata:\n  name: x\n"
	for n, want := range []string{"", text, text + "---\n" + text} {
		if diff := cmp.Diff(want, string(manifest.Join(slices.Repeat([]manifest.Object{o}, n)))); diff != "" {
			t.Errorf("%d (-want +got):\n%s", n, diff)
		}
	}
}
