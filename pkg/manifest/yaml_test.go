package manifest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

func TestEncode(t *testing.T) {
	o := manifest.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "x"},
		"data": map[string]any{
			"z": "a\nb\n", "y": "yes", "x": "1", "w": "", "on": "off", "date": "2026-01-01", "null": "null", "long": strings.Repeat("word ", 40),
			"int": int64(7), "float": 1.5, "list": []any{int64(1), map[string]any{"b": true, "a": nil}}, "empty": map[string]any{}, "none": []any{},
		}}
	want := `apiVersion: v1
data:
  date: "2026-01-01"
  empty: {}
  float: 1.5
  int: 7
  list:
  - 1
  - a: null
    b: true
  long: 'LONG'
  none: []
  "null": "null"
  "on": "off"
  w: ""
  x: "1"
  "y": "yes"
  z: |
    a
    b
kind: ConfigMap
metadata:
  name: x
`
	want = strings.Replace(want, "LONG", strings.Repeat("word ", 40), 1)
	if diff := cmp.Diff(want, string(manifest.Encode(o))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecode(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"stream":       {"# nothing\n---\napiVersion: v1\nkind: A\nmetadata: {name: x}\n---\n---\napiVersion: g/v1\nkind: B\nmetadata: {name: y, namespace: n}\n...\n", "A/x B/n/y"},
		"json":         {`{"apiVersion": "v1", "kind": "A", "metadata": {"name": "x"}}`, "A/x"},
		"list":         {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: {name: x}}\n- {apiVersion: v1, kind: BList, items: [{apiVersion: v1, kind: B, metadata: {name: y}}]}\n", "A/x B/y"},
		"empty":        {"", ""},
		"comment only": {"# nothing\n", ""},
		"alias as key": {"apiVersion: v1\nkind: &name A\nmetadata: {name: x, labels: {*name : y}}\n", "A/x"},
		"crlf":         {"apiVersion: v1\r\nkind: A\r\nmetadata:\r\n  name: x\r\n", "A/x"},
	} {
		objects, err := manifest.Decode([]byte(c.source))
		var got []string
		for _, o := range objects {
			got = append(got, o.ID().String())
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for source, want := range map[string]string{
		"a: b\n": "line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed",
		"apiVersion: v1\nkind: A\nmetadata: {name: x}\n---\n- a\n": "line 5: not an object",
		"kind: A\nmetadata: {name: x}\n":                           "line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed",
		"apiVersion: v1\nmetadata: {name: x}\n":                    "line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed",
		"apiVersion: v1\nkind: A\nmetadata: {generateName: x}\n":   "line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed",
		"text\n":                    "line 1: not an object",
		"a: 1\na: 2\n":              `line 2: duplicate key "a"`,
		"a: [\n":                    "line 1: did not find expected node content",
		"? [a]\n: b\n":              "line 1: a key must be a string",
		"<<: a\n":                   "line 1: << needs a map",
		"kind: XList\nitems: [a]\n": "line 1: an item of the XList is not an object",
		"a: &a [*a]\n":              "line 1: an alias refers to a value that contains it",
		bomb():                      "line 5: aliases expand to more than 104560 values (100000 and 8 for each byte read); replace them with their values",
	} {
		objects, err := manifest.Decode([]byte(source))
		if err == nil || err.Error() != want {
			t.Errorf("%.40q: got %v, %v, want %s", source, objects, err, want)
		}
	}
}

// bomb is a document that expands to ten to the ninth values.
func bomb() string {
	var b strings.Builder
	b.WriteString("l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		ref := "*l" + string(rune('0'+i-1))
		b.WriteString("l" + string(rune('0'+i)) + ": &l" + string(rune('0'+i)) + " [" + strings.Repeat(ref+", ", 9) + ref + "]\n")
	}
	return b.String()
}

// FuzzDecode: what can be read is the same when it is written and read again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: \"1\", b: on, c: 0x10, d: 1e3, e: ~, f: 2026-01-01, g: |\n    x\n  }\n",
		"apiVersion: v1\nkind: A\nmetadata: {name: x}\na: &a {b: c}\nd: {<<: *a, e: [1.0, 1e100, 0o7, -0, .inf]}\n",
		"apiVersion: v1\nkind: A\nmetadata: {name: x}\na: \"\\u2028\\e[0m\\0\"\nb: !!binary aGk=\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		objects, err := manifest.Decode(data)
		if err != nil {
			if objects != nil {
				t.Errorf("both %v and %v", objects, err)
			}
			return
		}
		text := manifest.Join(objects)
		again, err := manifest.Decode(text)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text)
		}
		if diff := cmp.Diff(objects, again); diff != "" {
			t.Errorf("changed on the way (-first +second):\n%s", diff)
		}
		if !bytes.Equal(text, manifest.Join(again)) {
			t.Errorf("written otherwise a second time:\n%s", text)
		}
	})
}

// TestDecodeSomeKinds: of a file of whatever kind the objects are read, also those
// that the server names, and the lines of the others told.
func TestDecodeSomeKinds(t *testing.T) {
	objects, others, err := manifest.DecodeSome(nil, []byte("apiVersion: v1\nkind: Job\nmetadata: {generateName: x-}\n---\nimage: shop\n---\n- 1\n---\n"+
		"apiVersion: kind.x-k8s.io/v1\nkind: Cluster\n---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n"))
	if err != nil || len(objects) != 2 || objects[0].Kind() != "Job" || objects[1].Name() != "a" {
		t.Errorf("%v, %v", objects, err)
	}
	if diff := cmp.Diff([]int{5, 7, 9}, others); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, _, err := manifest.DecodeSome(nil, []byte("a: [\n")); err == nil {
		t.Error("what is not YAML is read")
	}
}
