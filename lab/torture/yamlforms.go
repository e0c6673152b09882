package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// ownRule is what one of diff and lint says of a file that both can read: sides
// of a diff have each object once, and what lint checks is not empty.
var ownRule = regexp.MustCompile(`duplicate|no manifests`)

// tryYAML reads one file in an odd form of YAML as both sides of diff, by lint,
// and as a certs.yaml.
func tryYAML(t *trial) {
	if t.index%3 == 0 {
		t.trySameInAnotherForm()
		return
	}
	what, text := form(t.Rand, pick(t.Rand, t.corpus.documents).text)
	t.write("f.yaml", text)
	same := t.exec("diff", "f.yaml", "f.yaml")
	if same.code == 1 {
		t.fail("a file differs from itself", "%s\n%s", what, short(same.stdout))
	}
	lint := t.exec("lint", "f.yaml", "--fail-on", "never")
	unnamed := strings.Contains(text, "generateName") // diff needs names, lint does not
	if (same.code == 2) != (lint.code == 2) && !unnamed && !ownRule.MatchString(same.stderr+lint.stderr) {
		t.fail("diff and lint disagree on what can be read", "%s: diff exits %d, lint %d\n%s%s", what, same.code, lint.code, short(same.stderr), short(lint.stderr))
	}
	if t.index%9 == 1 && t.lab != nil {
		t.write("kustomization.yaml", "resources: [f.yaml]\n")
		t.applyDry(".")
	}
	_, spec := form(t.Rand, pick(t.Rand, t.corpus.specs).text)
	t.write("certs.yaml", spec)
	t.exec("generate", "--dry-run")
	t.exec("lint")
}

// trySameInAnotherForm writes one object in two forms, which must not differ.
func (t *trial) trySameInAnotherForm() {
	d := pick(t.Rand, t.corpus.documents)
	t.write("a.yaml", d.text)
	what, text := rewrite(t.Rand, d.tree)
	t.write("b.yaml", text)
	if r := t.exec("diff", "a.yaml", "b.yaml"); r.code == 1 {
		t.fail("another form of the same object differs", "%s: %s\n%s", d.from, what, short(r.stdout))
	}
	t.exec("lint", "b.yaml")
}

// rewrite writes a tree in another form with the same meaning.
func rewrite(r *rand.Rand, tree map[string]any) (what, text string) {
	block, err := yaml.Marshal(tree)
	must(err)
	flow, err := json.Marshal(tree)
	must(err)
	indented, err := json.MarshalIndent(tree, "", " ")
	must(err)
	switch r.IntN(10) {
	case 0:
		return "flow", string(flow)
	case 1:
		return "indented JSON", string(indented)
	case 2:
		return "CRLF", strings.ReplaceAll(string(block), "\n", "\r\n")
	case 3:
		return "byte order mark", "\ufeff" + string(block)
	case 4:
		return "documents of nothing around it", "---\n# nothing\n---\n" + string(block) + "---\n---\n...\n"
	case 5:
		return "directive", "%YAML 1.1\n---\n" + string(block) + "...\n"
	case 6:
		return "UTF-16", string(utf16Of(string(block), r.IntN(2) == 0))
	case 7:
		return "an anchor", anchored(tree)
	case 8:
		return "a merge key", merged(tree)
	default:
		return "a list", `{"apiVersion": "v1", "kind": "List", "items": [` + string(flow) + "]}"
	}
}

// anchored writes each value as an alias of one in a map outside all objects.
func anchored(tree map[string]any) string {
	var b strings.Builder
	for i, key := range slices.Sorted(maps.Keys(tree)) {
		v, _ := json.Marshal(tree[key])
		fmt.Fprintf(&b, "%q: &v%d %s\n", key, i, v)
	}
	return b.String()
}

// merged writes the metadata by a merge key.
func merged(tree map[string]any) string {
	v, _ := json.Marshal(tree["metadata"])
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		if key == "metadata" {
			fmt.Fprintf(&b, "metadata:\n  <<: %s\n", v)
			continue
		}
		v, _ := json.Marshal(tree[key])
		fmt.Fprintf(&b, "%q: %s\n", key, v)
	}
	return b.String()
}

// scalars are those that YAML 1.1, 1.2 and JSON read differently.
var scalars = []string{"0o7", "07", "0b11", "1_000", ".inf", "-.Inf", ".nan", "yes", "No", "on", "OFF", "y", "~", "null", "Null", "", "2001-12-14t21:59:43.10-05:00", "2001-01-01", "1:30", "190:20:30", "0x1F", "+1", "1e3", "1.", ".5", "!!binary aGVsbG8=", "!!binary %%", "!!str 1", "!!int \"1\"", "!!float x", "!!null x", "!!bool maybe", "!local x", "!!set {a, b}", "!!omap [a: 1]", "!<tag:x,2000:y> z", "!!timestamp 2001", "'it''s'", "\"\\x41\\u00e9\\U0001F980\\/\\ \"", "\"\\q\"", "|\n    a\n     b\n", ">-\n    a\n    b\n", "|+2\n      a\n", "*x", "&x a", "&x", "? a", "- a", "@a", "`a", "%a", "a: b: c", "a #b", "[a, b", "{a: b", "{a, b: c, : d}", "[,]", "\"", "'", "9999999999999999999999", "0.1e-999", "1e999", "<<", "="}

// form is a document in an odd form. It may be unreadable.
func form(r *rand.Rand, text string) (what, changed string) {
	lines := strings.SplitAfter(text, "\n")
	at := r.IntN(len(lines))
	odd := pick(r, scalars)
	switch r.IntN(26) {
	case 0, 1, 2, 3:
		key, _, found := strings.Cut(lines[at], ":")
		if found {
			lines[at] = key + ": " + odd + "\n"
		}
		return "scalar " + odd, strings.Join(lines, "")
	case 4:
		return "key " + odd, text + odd + ": x\n"
	case 5:
		return "tabs", strings.ReplaceAll(text, "  ", "\t")
	case 6:
		return "a tab at the end", strings.ReplaceAll(text, "\n", "\t\n")
	case 7:
		return "CRLF", strings.ReplaceAll(text, "\n", "\r\n")
	case 8:
		return "CR", strings.ReplaceAll(text, "\n", "\r")
	case 9:
		return "UTF-16", string(utf16Of(text, r.IntN(2) == 0))
	case 10:
		return "byte order marks", "\ufeff" + text + "\n---\n\ufeff" + text
	case 11:
		return "a directive", pick(r, []string{"%YAML 1.2\n---\n", "%YAML 9.9\n---\n", "%TAG ! tag:x,2000:\n---\n", "%FOO bar\n---\n", "%YAML 1.1\n%YAML 1.1\n---\n", "%YAML 1.1\n", "--- !x\n", "--- |\n", "--- &a\n", "...\n---\n"}) + text
	case 12:
		return "many documents", strings.Repeat("---\n"+text+"\n", 2+r.IntN(20))
	case 13:
		return "documents of odd ends", text + pick(r, []string{"\n---", "\n...\n---\n...\n", "\n--- x\n", "\n---x\n", "\n ---\n", "\n---\n- a\n- b\n", "\n---\n42\n", "\n---\nnull\n", "\n---\n[]\n", "\n---\n{}\n", "\n---\n\"\"\n"})
	case 14:
		return "nesting", nested(r, text)
	case 15:
		return "an alias bomb", bomb(r, text)
	case 16:
		return "an alias of itself", text + pick(r, []string{"x: &a [*a]\n", "x: &a {b: *a}\n", "x: *nowhere\n", "&a x: *a\n", "*a : x\n", "x: &a {<<: *a}\n", "<<: [{a: b}, {c: d}]\n", "<<: x\n", "<<: [x]\n"})
	case 17:
		return "duplicate keys", text + pick(r, []string{"kind: ConfigMap\n", "metadata: {name: b}\n", "\"kind\": Secret\n", "? kind\n: Secret\n", "!!str kind: Secret\n"})
	case 18:
		return "complex keys", text + pick(r, []string{"? [a, b]\n: c\n", "? {a: b}\n: c\n", "[a]: b\n", "1: a\n", "null: a\n", "true: a\n", "1.5: a\n", "? |\n  a\n: b\n", "~: a\n", ": a\n", "2001-01-01: a\n"})
	case 19:
		return "a control character", strings.Replace(text, "\n", pick(r, []string{"\x00", "\x1b", "\u0085", "\u2028", "\x7f", "\ufffe", "\xff", "\x07"})+"\n", 1+r.IntN(3))
	case 20:
		return "a list of lists", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: [" + pick(r, []string{"", "null", "[]", "x", "{}", "{kind: List}", "{kind: List, items: {}}", "1"}) + "]\n"
	case 21:
		return "binary", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbinaryData: {x: " + base64.StdEncoding.EncodeToString(noise(r, 300)) + ", y: !!binary aGk=}\ndata: {z: !!binary aGk=, 1: 2}\n"
	case 22:
		return "damage", string(damage(r, []byte(text)))
	case 23:
		return "two lines in another order", swapped(r, lines)
	case 24:
		return "indentation", indent(r, lines)
	default:
		return "half of it", strings.Join(lines[:at], "")
	}
}

func swapped(r *rand.Rand, lines []string) string {
	a, b := r.IntN(len(lines)), r.IntN(len(lines))
	lines[a], lines[b] = lines[b], lines[a]
	return strings.Join(lines, "")
}

func indent(r *rand.Rand, lines []string) string {
	for i := range lines {
		if r.IntN(8) == 0 {
			lines[i] = " " + lines[i]
		}
	}
	return strings.Join(lines, "")
}

// nested is a document with very deep nesting.
func nested(r *rand.Rand, text string) string {
	n := pick(r, []int{10, 100, 999, 1001, 9_999, 10_001, 50_000})
	switch r.IntN(4) {
	case 0:
		return text + "x: " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n"
	case 1:
		return text + "x: " + strings.Repeat("{a: ", n) + "1" + strings.Repeat("}", n) + "\n"
	case 2:
		return text + "x: " + strings.Repeat("[", n) + "\n"
	default:
		return text + "x:\n" + strings.Repeat("- ", n) + "a\n"
	}
}

// bomb is a document whose aliases expand to far more than it spells out.
func bomb(r *rand.Rand, text string) string {
	levels, width := 2+r.IntN(8), 2+r.IntN(8)
	var b strings.Builder
	b.WriteString(text + "bomb:\n  l0: &l0 {a: b}\n")
	for i := range levels {
		item := fmt.Sprintf("*l%d, ", i)
		if r.IntN(4) == 0 {
			fmt.Fprintf(&b, "  l%d: &l%d {", i+1, i+1)
			for k := range width {
				fmt.Fprintf(&b, "k%d: *l%d, ", k, i)
			}
			b.WriteString("}\n")
			continue
		}
		fmt.Fprintf(&b, "  l%d: &l%d [%s]\n", i+1, i+1, strings.Repeat(item, width))
	}
	out := b.String()
	if r.IntN(3) == 0 {
		out = strings.Repeat("---\n"+out, 1+r.IntN(20))
	}
	return out
}
