package overlay_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// stack is b0 … b<levels>, of which each lists the one below some times; b0
// holds what is given. Each also has the further lines of a kustomization.
func stack(levels, times int, list, further string, b0 fstest.MapFS) fstest.MapFS {
	files := fstest.MapFS{}
	for name, f := range b0 {
		files["b0/"+name] = f
	}
	for i := 1; i <= levels; i++ {
		text := list + ":\n" + strings.Repeat(fmt.Sprintf("- ../b%d\n", i-1), times) + further
		files[fmt.Sprintf("b%d/kustomization.yaml", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// topped adds one more kustomization.
func topped(files fstest.MapFS, text string) fstest.MapFS {
	files["top/kustomization.yaml"] = file(text)
	return files
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// TestBuildLoads: kustomizations that include each other too often are refused
// before anything is built. Nothing below could ever be built otherwise.
func TestBuildLoads(t *testing.T) {
	configMap := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	empty := fstest.MapFS{"kustomization.yaml": file("resources: []\n")}
	labelled := fstest.MapFS{"kustomization.yaml": file("namePrefix: a-\nresources: [a.yaml]\n"), "a.yaml": file(configMap)}
	lists := fstest.MapFS{"kustomization.yaml": file("resources: [a.yaml]\n"), "a.yaml": file(configMap)}
	component := "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
	large := fstest.MapFS{"kustomization.yaml": file("namePrefix: a-\nresources: [a.yaml]\n"), "a.yaml": file("#" + strings.Repeat("x", 1<<20))}
	for name, c := range map[string]struct {
		files fstest.MapFS
		dir   string
		want  string
	}{
		"empty": {stack(9, 30, "resources", "", empty), "b9",
			"build b3: kustomize would load at least 10242 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"name prefixes": {stack(9, 30, "resources", "namePrefix: a-\n", labelled), "b9",
			"build b9: kustomize would load at least 1099511627776 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"one name prefix": {stack(40, 2, "resources", "", labelled), "b40",
			"build b40: kustomize would load at least 1099511627776 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"bases": {stack(9, 30, "bases", "", labelled), "b9",
			"build b9: kustomize would load at least 1099511627776 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"other case": {stack(9, 30, "Resources", "namePrefix: a-\n", labelled), "b9",
			"build b9: kustomize would load at least 1099511627776 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"components": {stack(20, 3, "components", component, fstest.MapFS{"kustomization.yaml": file(component + "namePrefix: a-\n")}), "b20",
			"build b20: kustomize would load at least 5230176601 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"generators": {topped(stack(15, 3, "resources", "", lists), "generators: [../b8, ../b8]\n"), "top",
			"build top: kustomize would load at least 19683 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"transformers": {topped(stack(15, 3, "resources", "", lists), "transformers: [../b8, ../b8]\n"), "top",
			"build top: kustomize would load at least 19683 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"validators": {topped(stack(15, 3, "resources", "", lists), "validators: [../b8, ../b8]\n"), "top",
			"build top: kustomize would load at least 19683 kustomizations, over the limit of 10000, because they are included repeatedly; include each one once"},
		"large files": {stack(2, 10, "resources", "namePrefix: a-\n", large), "b2",
			"build b2: kustomize would read 100 MiB from files of 1 MiB, over the limit of 64 MiB, because kustomizations are included repeatedly; include each one once"},
	} {
		t.Run(name, func(t *testing.T) {
			var b overlay.Builder
			_, err := b.Build(c.files, c.dir)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestBuildManyLoads: the limit of a command grows with what it builds.
func TestBuildManyLoads(t *testing.T) {
	files := stack(2, 9, "components", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
		fstest.MapFS{"kustomization.yaml": file("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {a: b}\n")})
	for i := range 300 {
		files[fmt.Sprintf("small%d/kustomization.yaml", i)] = file("components: [../b1]\nresources: [a.yaml]\n")
		files[fmt.Sprintf("small%d/a.yaml", i)] = file("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
		files[fmt.Sprintf("large%d/kustomization.yaml", i)] = file("components: [../b2, ../b2, ../b2]\nresources: [missing.yaml]\n") // fails before it takes long
	}
	var small, large overlay.Builder
	for i := range 300 {
		if objects, err := small.Build(files, fmt.Sprintf("small%d", i)); len(objects) != 1 || err != nil {
			t.Fatalf("small%d: got %v, %v", i, objects, err)
		}
	}
	for i := range 300 {
		_, err := large.Build(files, fmt.Sprintf("large%d", i))
		if err != nil && strings.Contains(err.Error(), "missing.yaml") {
			continue
		}
		const want = "build large57: kustomize has loaded 15618 kustomizations and would load 274 more, over the limit of 15800 for 58 builds; pass fewer of them at once"
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		return
	}
	t.Error("no limit")
}

// counted counts how often files are opened.
type counted struct {
	fs.FS
	opened map[string]int
}

func (c *counted) Open(name string) (fs.File, error) {
	c.opened[name]++
	return c.FS.Open(name)
}

// TestBuildDiamond: what several kustomizations include is built once, and a
// kustomization that was built is not built again.
func TestBuildDiamond(t *testing.T) {
	files := &counted{opened: map[string]int{}, FS: fstest.MapFS{
		"base/kustomization.yaml":  file("resources: []\n"),
		"left/kustomization.yaml":  file("resources: [../base, a.yaml]\n"),
		"left/a.yaml":              file("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
		"right/kustomization.yaml": file("resources: [../base, ../base]\n"),
		"top/kustomization.yaml":   file("resources: [../left, ../right]\n"),
		"slow/kustomization.yaml":  file("namePrefix: a-\nresources: [../left]\n"),
	}}
	var b overlay.Builder
	for range 3 {
		for dir, want := range map[string]string{"top": "ConfigMap/a", "slow": "ConfigMap/a-a", "left": "ConfigMap/a"} {
			objects, err := b.Build(files, dir)
			if err != nil || len(objects) != 1 || objects[0].ID().String() != want {
				t.Fatalf("%s: got %v, %v, want %s", dir, objects, err, want)
			}
		}
	}
	opened := files.opened["base/kustomization.yaml"]
	if opened > 8 { // once by the Builder, the rest by checks and by kustomize
		t.Errorf("base was read %d times", opened)
	}
}

// TestBuildCircle: kustomize says what is wrong, however often they include
// each other.
func TestBuildCircle(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"two":    {"a/kustomization.yaml": file("resources: [../b]\n"), "b/kustomization.yaml": file("resources: [../a]\n")},
		"itself": {"a/kustomization.yaml": file("resources: [../a]\n")},
		"often": {"a/kustomization.yaml": file("resources: [" + strings.Repeat("../b,", 30) + "]\n"),
			"b/kustomization.yaml": file("resources: [" + strings.Repeat("../a,", 30) + "]\n")},
		"prefix": {"a/kustomization.yaml": file("namePrefix: a-\nresources: [../b, ../b]\n"), "b/kustomization.yaml": file("resources: [../a, ../a]\n")},
	} {
		t.Run(name, func(t *testing.T) {
			var b overlay.Builder
			if _, err := b.Build(files, "a"); err == nil || !strings.Contains(err.Error(), "cycle detected") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// bomb is a list that expands to a million values, as lines of a mapping.
const bomb = `x0: &x0 [x,x,x,x,x,x,x,x,x,x]
x1: &x1 [*x0,*x0,*x0,*x0,*x0,*x0,*x0,*x0,*x0,*x0]
x2: &x2 [*x1,*x1,*x1,*x1,*x1,*x1,*x1,*x1,*x1,*x1]
x3: &x3 [*x2,*x2,*x2,*x2,*x2,*x2,*x2,*x2,*x2,*x2]
x4: &x4 [*x3,*x3,*x3,*x3,*x3,*x3,*x3,*x3,*x3,*x3]
x5: &x5 [*x4,*x4,*x4,*x4,*x4,*x4,*x4,*x4,*x4,*x4]
`

func indent(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by) + "\n"
}

// TestBuildAliases: kustomize gets no file with a bomb in it, whatever part of a
// kustomization the file is.
func TestBuildAliases(t *testing.T) {
	head := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	patch := head + "spec:\n" + indent(bomb, "  ")
	prefix := "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npatch: |\n"
	for name, c := range map[string]struct {
		k     string
		files fstest.MapFS
		at    string // where the bomb goes off
	}{
		"kustomization":      {"namePrefix: a-\n" + bomb, nil, "k/kustomization.yaml: line 6"},
		"merged":             {"namePrefix: a-\nresources: [a.yaml]\n", fstest.MapFS{"k/a.yaml": file(head + strings.ReplaceAll(strings.ReplaceAll(indent(bomb, ""), "[", "{<<: ["), "]", "]}"))}, "k/a.yaml: line 8"},
		"resource":           {"namePrefix: a-\nresources: [a.yaml]\n", fstest.MapFS{"k/a.yaml": file(patch)}, "k/a.yaml: line 9"},
		"patch":              {"patches: [{path: p.yaml}]\n", fstest.MapFS{"k/p.yaml": file(patch)}, "k/p.yaml: line 9"},
		"inline patch":       {"patches:\n- patch: |\n" + indent(patch, "    "), nil, "k/kustomization.yaml: line 2"},
		"old inline patch":   {"patchesStrategicMerge:\n- |\n" + indent(patch, "  "), nil, "k/kustomization.yaml: line 2"},
		"JSON patch":         {"patchesJson6902:\n- target: {version: v1, kind: ConfigMap, name: a}\n  patch: |\n    - op: add\n      path: /x\n      value:\n" + indent(bomb, "        "), nil, "k/kustomization.yaml: line 3"},
		"transformer":        {"transformers: [t.yaml]\n", fstest.MapFS{"k/t.yaml": file(prefix + indent(patch, "  "))}, "k/t.yaml: line 4"},
		"inline transformer": {"transformers:\n- |\n" + indent(prefix+indent(patch, "  "), "  "), nil, "k/kustomization.yaml: line 2"},
		"generator":          {"generators: [g.yaml]\n", fstest.MapFS{"k/g.yaml": file(patch)}, "k/g.yaml: line 9"},
		"configuration":      {"configurations: [c.yaml]\n", fstest.MapFS{"k/c.yaml": file(bomb)}, "k/c.yaml: line 5"},
		"CRD":                {"crds: [c.yaml]\n", fstest.MapFS{"k/c.yaml": file(bomb)}, "k/c.yaml: line 5"},
		"replacement":        {"replacements: [{path: r.yaml}]\n", fstest.MapFS{"k/r.yaml": file(bomb)}, "k/r.yaml: line 5"},
		"schema":             {"openapi: {path: s.yaml}\n", fstest.MapFS{"k/s.yaml": file(bomb)}, "k/s.yaml: line 5"},
		"base":               {"namePrefix: a-\nresources: [../base]\n", fstest.MapFS{"base/kustomization.yaml": file("resources: [a.yaml]\n"), "base/a.yaml": file(patch)}, "base/a.yaml: line 9"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{"k/kustomization.yaml": file(c.k), "k/b.yaml": file(head)}
			for name, f := range c.files {
				files[name] = f
			}
			if !strings.Contains(c.k, "resources:") {
				files["k/kustomization.yaml"] = file(c.k + "resources: [b.yaml]\n")
			}
			var b overlay.Builder
			_, err := b.Build(files, "k")
			if err == nil || !strings.HasPrefix(err.Error(), c.at+": aliases expand to more than 10") {
				t.Errorf("got %v, want %s", err, c.at)
			}
		})
	}
}

// TestBuildDeep: kustomize gets no file that is nested deeper than the limit,
// in whatever style.
func TestBuildDeep(t *testing.T) {
	head := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec:\n"
	var block strings.Builder
	for i := range 250 {
		fmt.Fprintf(&block, "%sa:\n", strings.Repeat(" ", i+1))
	}
	for name, c := range map[string]struct{ in, want string }{
		"JSON":       {head + "  " + strings.Repeat(`{"a": `, 9_000) + "1" + strings.Repeat("}", 9_000) + "\n", "line 5: nested deeper than 200 levels"},
		"maps":       {head + block.String(), "line 204: nested deeper than 200 levels"},
		"lists":      {head + strings.Repeat("- ", 250) + "a\n", "line 5: nested deeper than 200 levels"},
		"both":       {head + strings.Repeat("- ", 101) + strings.Repeat("[", 101) + strings.Repeat("]", 101) + "\n", "line 5: nested deeper than 200 levels"},
		"very deep":  {head + "  " + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "\n", "MalformedYAMLError: yaml: line 5: exceeded max depth of 10000"},
		"100 levels": {head + strings.Repeat("- ", 50) + strings.Repeat("[", 50) + strings.Repeat("]", 50) + "\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var b overlay.Builder
			files := fstest.MapFS{"k/kustomization.yaml": file("namePrefix: a-\nresources: [a.yaml]\n"), "k/a.yaml": file(c.in)}
			_, err := b.Build(files, "k")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestBuildSharedAliases: many modest files together are one bomb.
func TestBuildSharedAliases(t *testing.T) {
	modest := strings.Join(strings.SplitAfter(bomb, "\n")[:4], "")
	files := fstest.MapFS{}
	b := overlay.Builder{Limits: limits.New(nil)}
	for i := range 100 {
		dir := fmt.Sprintf("k%d", i)
		files[dir+"/kustomization.yaml"] = file("namePrefix: a-\nresources: [a.yaml]\n")
		files[dir+"/a.yaml"] = file("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec:\n" + indent(modest, "  "))
	}
	for i := range 100 {
		_, err := b.Build(files, fmt.Sprintf("k%d", i))
		if err == nil {
			continue
		}
		if want := fmt.Sprintf("k%d/a.yaml: line 8: aliases expand", i); i < 2 || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		return
	}
	t.Error("no limit")
}

// TestBuildStops: a build ends soon after its command is cancelled, be that
// while the Builder builds, counts, or while kustomize builds.
func TestBuildStops(t *testing.T) {
	b0 := fstest.MapFS{"kustomization.yaml": file("resources: [a.yaml]\n"), "a.yaml": file("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")}
	for _, c := range []struct {
		first string
		nth   int
	}{{"", 1}, {"namePrefix: a-\n", 1}, {"namePrefix: a-\n", 2}} {
		ctx, cancel := context.WithCancel(t.Context())
		files := &cancelling{FS: stack(10, 1, "resources", c.first, b0), nth: c.nth, cancel: cancel}
		b := overlay.Builder{Limits: limits.New(ctx.Err)}
		if _, err := b.Build(files, "b10"); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: got %v", c, err)
		}
		if files.nth != 0 || files.after > 10 {
			t.Errorf("%+v: read %d files after the end", c, files.after)
		}
	}
}

// cancelling ends the command when the file in the middle is opened for the nth
// time, and then counts on.
type cancelling struct {
	fs.FS
	nth    int
	after  int // files that were opened later
	cancel func()
}

func (c *cancelling) Open(name string) (fs.File, error) {
	if c.nth == 0 {
		c.after++
	}
	if name == "b5/kustomization.yaml" && c.nth > 0 {
		if c.nth--; c.nth == 0 {
			c.cancel()
		}
	}
	return c.FS.Open(name)
}

// TestSurveyAliases: what cannot be read refers to nothing, and ends.
func TestSurveyAliases(t *testing.T) {
	files := fstest.MapFS{
		"k/kustomization.yaml": file("resources: [../base]\n" + bomb),
		"g/kustomization.yaml": file("generators: [" + strings.Repeat("g.yaml,", 3000) + "]\n"),
		"g/g.yaml":             file("generators: [" + strings.Repeat("g.yaml,", 3000) + "]\n"),
	}
	tops, _, wrong := overlay.Survey(nil, files, ".")
	if got, want := fmt.Sprint(tops, wrong), "[{g } {k }] []"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
