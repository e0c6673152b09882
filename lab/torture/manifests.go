package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// tryManifests compares, lints, generates from and applies objects of the wrong
// shape.
func tryManifests(t *trial) {
	if t.index%4 == 3 {
		trySpec(t)
		return
	}
	d := pick(t.Rand, t.corpus.documents)
	tree := clone(d.tree)
	what := mutate(t.Rand, tree)
	if t.IntN(6) > 0 { // else nothing reads further than that
		identify(tree, d.tree)
	}
	extra := ""
	if t.IntN(3) == 0 {
		other := clone(pick(t.Rand, t.corpus.documents).tree)
		what += "; " + mutate(t.Rand, other)
		identify(other, map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "other"}})
		extra = "---\n" + emit(t.Rand, other)
	}
	old, changed := t.write("old.yaml", d.text), t.write("new/new.yaml", emit(t.Rand, tree)+extra)
	there := t.exec("diff", old, changed)
	back := t.exec("diff", changed, old)
	if (there.code == 0) != (back.code == 0) && there.code != 2 && back.code != 2 {
		t.fail("diff A B and diff B A disagree", "%s: %s: %d and %d\n%s%s", d.from, what, there.code, back.code, short(there.stdout), short(back.stdout))
	}
	lint := []string{"lint", "new"}
	if format := pick(t.Rand, []string{"", "wide", "json", "yaml", "github"}); format != "" {
		lint = append(lint, "-o", format)
	}
	t.exec(lint...)
	if t.IntN(2) == 0 {
		t.write("new/kustomization.yaml", kustomization(t.Rand))
		t.exec("diff", "old.yaml", "new", "-o", pick(t.Rand, []string{"json", "markdown"}))
	}
	if t.index%12 == 0 && t.lab != nil {
		t.write("new/kustomization.yaml", "resources: [new.yaml]\n")
		t.applyDry("new")
	}
}

// identify gives an object what it is found by, where it no longer has that.
func identify(tree, from map[string]any) {
	for _, key := range []string{"apiVersion", "kind"} {
		if text, ok := tree[key].(string); !ok || text == "" {
			tree[key] = from[key]
		}
	}
	origin, _ := from["metadata"].(map[string]any)
	metadata, ok := tree["metadata"].(map[string]any)
	if !ok {
		metadata = map[string]any{}
		tree["metadata"] = metadata
	}
	if text, ok := metadata["name"].(string); !ok || text == "" {
		metadata["name"] = origin["name"]
	}
}

// applyDry applies a kustomization by dry run.
func (t *trial) applyDry(folder string) {
	t.run(command{args: []string{"apply", "--dry-run=server", "-k", folder}, env: []string{"KUBECONFIG=" + t.lab.kubeconfig}, limit: 3 * t.limit, spare: cache})
}

// trySpec generates from a certs.yaml of the wrong shape.
func trySpec(t *trial) {
	tree := clone(pick(t.Rand, t.corpus.specs).tree)
	mutate(t.Rand, tree)
	t.write("certs.yaml", emit(t.Rand, tree))
	t.write("ca.pem", string(t.corpus.trust["one.pem"]))
	t.exec("lint", "-o", pick(t.Rand, []string{"wide", "json", "github"}))
	t.generateTwice("certs.yaml")
}

func kustomization(r *rand.Rand) string {
	tree := map[string]any{"resources": []any{"new.yaml"}, "namePrefix": "p-", "namespace": "n", "labels": []any{map[string]any{"pairs": map[string]any{"a": "b"}}},
		"patches": []any{map[string]any{"patch": "- {op: add, path: /metadata/labels, value: {a: b}}", "target": map[string]any{"kind": "Ingress"}}}, "images": []any{map[string]any{"name": "a", "newTag": "b"}},
		"configMapGenerator": []any{map[string]any{"name": "a", "literals": []any{"a=b"}}}}
	for key := range maps.Clone(tree) {
		if key != "resources" && r.IntN(2) == 0 {
			delete(tree, key)
		}
	}
	if r.IntN(4) == 0 {
		mutate(r, tree)
	}
	return emit(r, tree)
}

// place is where a value of a tree is.
type place struct {
	in    any // map[string]any or []any
	key   string
	index int
}

// places lists all in a tree, in an order that is always the same.
func places(tree any) []place {
	var found []place
	switch node := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			found = append(found, place{in: node, key: key})
			found = append(found, places(node[key])...)
		}
	case []any:
		for i, item := range node {
			found = append(found, place{in: node, index: i})
			found = append(found, places(item)...)
		}
	}
	return found
}

// mutate changes a tree at one place or a few, and says what it did.
func mutate(r *rand.Rand, tree map[string]any) string {
	var done []string
	for range 1 + r.IntN(3) {
		all := places(tree)
		if len(all) == 0 {
			break
		}
		p := pick(r, all)
		if r.IntN(3) == 0 { // what is near the top matters more often
			p = all[min(len(all)-1, r.IntN(8))]
		}
		list, isList := p.in.([]any)
		if isList {
			list[p.index] = value(r)
			done = append(done, fmt.Sprintf("[%d]", p.index))
			continue
		}
		done = append(done, mutateKey(r, p.in.(map[string]any), p.key))
	}
	return strings.Join(done, ", ")
}

func mutateKey(r *rand.Rand, in map[string]any, key string) string {
	switch n := r.IntN(12); {
	case n == 0:
		delete(in, key)
	case n == 1:
		in[hostile(r)] = in[key]
		delete(in, key)
	case n == 2:
		in["kind"] = value(r)
	case n == 3:
		in[pick(r, []string{"metadata", "name", "namespace", "items", "data", "annotations", "labels", "apiVersion", "generateName", "$patch", "<<"})] = value(r)
	case n == 4:
		in[key] = []any{in[key], in[key]}
	case n == 5:
		in[key] = twice{in[key], value(r)}
	default:
		in[key] = value(r)
	}
	return key
}

// twice is what a duplicate key has.
type twice [2]any

// clone copies a tree.
func clone(tree map[string]any) map[string]any { return cloneAny(tree).(map[string]any) }

func cloneAny(v any) any {
	switch node := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, item := range node {
			out[key] = cloneAny(item)
		}
		return out
	case []any:
		out := make([]any, len(node))
		for i, item := range node {
			out[i] = cloneAny(item)
		}
		return out
	}
	return v
}

// emit writes a tree as YAML, or as JSON, which can have duplicate keys.
func emit(r *rand.Rand, tree map[string]any) string {
	if r.IntN(2) == 0 && !hasTwice(tree) {
		if text, err := yaml.Marshal(tree); err == nil {
			return string(text)
		}
	}
	var b bytes.Buffer
	emitJSON(&b, tree)
	return b.String() + "\n"
}

func hasTwice(v any) bool {
	return slices.ContainsFunc(places(v), func(p place) bool {
		in, ok := p.in.(map[string]any)
		if !ok {
			return false
		}
		_, double := in[p.key].(twice)
		return double
	})
}

func emitJSON(b *bytes.Buffer, v any) {
	switch node := v.(type) {
	case map[string]any:
		b.WriteByte('{')
		for i, key := range slices.Sorted(maps.Keys(node)) {
			if i > 0 {
				b.WriteString(", ")
			}
			name, _ := json.Marshal(key)
			if pair, ok := node[key].(twice); ok {
				fmt.Fprintf(b, "%s: ", name)
				emitJSON(b, pair[0])
				fmt.Fprintf(b, ", %s: ", name)
				emitJSON(b, pair[1])
				continue
			}
			fmt.Fprintf(b, "%s: ", name)
			emitJSON(b, node[key])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range node {
			if i > 0 {
				b.WriteString(", ")
			}
			emitJSON(b, item)
		}
		b.WriteByte(']')
	case twice:
		emitJSON(b, node[1])
	default:
		text, err := json.Marshal(node)
		if err != nil {
			text = []byte("null")
		}
		b.Write(text)
	}
}
