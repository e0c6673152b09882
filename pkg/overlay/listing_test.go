package overlay

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestList: every field that names files is known, of a kustomization and of what
// generators and transformers read. What is inline names no file.
func TestList(t *testing.T) {
	const generator = "kind: ConfigMapGenerator\n"
	for name, tt := range map[string]struct {
		text   string
		more   map[string]string
		local  []string // with their fields
		remote []string
	}{
		"resources":             {text: "resources: [a.yaml, ../b, /c/d]\ncomponents: [e]\n", local: []string{"components k/e", "resources b", "resources c/d", "resources k/a.yaml"}},
		"nothing":               {text: "resources: ['', \"{a: b}\", \"a: b\\nc: d\"]\n"},
		"patches":               {text: "patches: [{path: a.yaml}, {patch: 'a: b'}]\nreplacements: [{path: r.yaml}, {source: {kind: A}}]\ncrds: [c.yaml]\nconfigurations: [f.yaml]\nopenapi: {path: o.json}\n", local: []string{"configurations k/f.yaml", "crds k/c.yaml", "openapi k/o.json", "patches k/a.yaml", "replacements k/r.yaml"}},
		"ConfigMaps":            {text: "configMapGenerator: [{name: a, files: [b.txt, c=d.txt], envs: [e.env]}]\nsecretGenerator: [{name: a, files: ['x=y=z']}]\n", local: []string{"configMapGenerator k/b.txt", "configMapGenerator k/d.txt", "configMapGenerator k/e.env", "secretGenerator k/y=z"}},
		"a folder with a =":     {text: "resources: [a=b]\n", local: []string{"resources k/a=b"}},
		"a generator":           {text: "generators: [g.yaml]\n", more: map[string]string{"g.yaml": generator + "Files: [a.txt, b=c.txt]\nenv: e.env\nother: x.yaml\n"}, local: []string{"Files k/a.txt", "Files k/c.txt", "env k/e.env", "generators k/g.yaml"}},
		"named twice":           {text: "generators: [g.yaml, g.yaml]\n", more: map[string]string{"g.yaml": generator + "files: [a.txt]\n"}, local: []string{"files k/a.txt", "generators k/g.yaml", "generators k/g.yaml"}},
		"an inline generator":   {text: "generators: ['{kind: ConfigMapGenerator, files: [a.txt]}']\n", local: []string{"files k/a.txt"}},
		"two documents":         {text: "generators: [g.yaml]\n", more: map[string]string{"g.yaml": "- no configuration\n---\n" + generator + "files: [a.txt]\n"}, local: []string{"files k/a.txt", "generators k/g.yaml"}},
		"broken behind":         {text: "generators: [g.yaml]\n", more: map[string]string{"g.yaml": generator + "files: [a.txt]\n---\n{\n"}, local: []string{"files k/a.txt", "generators k/g.yaml"}},
		"base64":                {text: "generators: [g.yaml]\n", more: map[string]string{"g.yaml": generator + "files: [!!binary YS50eHQ=, !!binary '%']\n"}, local: []string{"files k/%", "files k/a.txt", "generators k/g.yaml"}},
		"an alias":              {text: "generators: [g.yaml]\n", more: map[string]string{"g.yaml": generator + "x: &x [a.txt]\nfiles: *x\nenvs: *x\n&f paths: [b.txt]\ny: {*f : c.txt}\n"}, local: []string{"files k/a.txt", "generators k/g.yaml", "paths k/b.txt", "paths k/c.txt"}},
		"a folder of plugins":   {text: "transformers: [t]\n", more: map[string]string{"t/kustomization.yaml": ""}, local: []string{"transformers k/t"}},
		"plugins elsewhere":     {text: "validators: ['git@host:o/r', 'https://host/x', 'https://host/o/r']\n", remote: []string{"validators git@host:o/r clone", "validators https://host/o/r clone", "validators https://host/x download"}},
		"charts":                {text: "helmCharts: [{name: a}]\ngenerators: [g.yaml]\n", more: map[string]string{"g.yaml": "kind: HelmChartInflationGenerator\n"}, local: []string{"generators k/g.yaml"}, remote: []string{"HelmChartInflationGenerator  Helm", "helmCharts  Helm"}},
		"a word of charts":      {text: "generators: [g.yaml]\n", more: map[string]string{"g.yaml": generator + "name: HelmChartInflationGenerator\nmetadata: {kind: Other}\n"}, local: []string{"generators k/g.yaml"}},
		"files and folders":     {text: "resources: ['https://host/o/r?ref=a', 'https://host/r/a.yaml?ref=a']\npatches: [{path: 'https://host/o/r'}]\n", remote: []string{"patches https://host/o/r download", "resources https://host/o/r?ref=a clone", "resources https://host/r/a.yaml?ref=a download"}},
		"a version of a folder": {text: "resources: ['gone?version=1', 'gone?ref=1']\n", remote: []string{"resources gone?ref=1 clone", "resources gone?version=1 download"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{"k/kustomization.yaml": {Data: []byte(tt.text)}}
			for name, text := range tt.more {
				files["k/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
			l, err := list(nil, files, "k")
			if err != nil {
				t.Fatal(err)
			}
			var local, remote []string
			for _, e := range l.local {
				local = append(local, e.field+" "+e.path)
			}
			for _, e := range l.remote {
				advice := "download"
				for _, other := range []string{"clone", "Helm"} {
					if strings.Contains(e.Error(), other) {
						advice = other
					}
				}
				remote = append(remote, e.Field+" "+e.Entry+" "+advice)
			}
			slices.Sort(local)
			slices.Sort(remote)
			if diff := cmp.Diff(tt.local, local); diff != "" {
				t.Errorf("local (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.remote, remote); diff != "" {
				t.Errorf("remote (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCheckLoads: the limits are reached by what is one over them.
func TestCheckLoads(t *testing.T) {
	type build struct {
		times int // that b is included
		size  int // of what b has, in MiB
		want  string
	}
	for name, builds := range map[string][]build{
		"as many as are allowed":     {{times: maxLoads - 1}},
		"one more":                   {{maxLoads, 0, "at least 10001 kustomizations, over the limit of 10000"}},
		"as large as is allowed":     {{times: 64, size: 1}},
		"larger":                     {{65, 1, "would read 65 MiB from files of 1 MiB, over the limit of 64 MiB"}},
		"large, and not so often":    {{times: maxRepeats, size: 9}},
		"large, and more often":      {{maxRepeats + 1, 9, "would read 81 MiB from files of 9 MiB, over the limit of 64 MiB"}},
		"many builds":                {{times: 8999}, {times: 1199}, {times: 99}},
		"one load more":              {{times: 8999}, {times: 1199}, {100, 0, "has loaded 10200 kustomizations and would load 101 more, over the limit of 10300 for 3 builds"}},
		"what is refused counts not": {{times: 8999}, {maxLoads, 0, "over the limit of 10000"}, {times: 1299}},
	} {
		t.Run(name, func(t *testing.T) {
			var k kustomizer
			for i, c := range builds {
				files := fstest.MapFS{
					"k/kustomization.yaml": {Data: []byte("resources:\n" + strings.Repeat("- ../b\n", c.times))},
					"b/kustomization.yaml": {Data: []byte("resources: [a.yaml, gone.yaml]\n")},
					"b/a.yaml":             {Data: make([]byte, c.size<<20)},
				}
				err := k.checkLoads(nil, files, "k")
				if (err != nil) != (c.want != "") || !strings.Contains(fmt.Sprint(err), c.want) {
					t.Errorf("build %d: %v", i, err)
				}
			}
		})
	}
}

// TestSurveyIncludesOutsideFiles: what a kustomization reaches through others outside the
// folder is part of it, and what those need it needs.
func TestSurveyIncludesOutsideFiles(t *testing.T) {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"r/a/kustomization.yaml":   "resources: [../../out]\n",
		"out/kustomization.yaml":   "resources: [../r/b, ../other]\n",
		"r/b/kustomization.yaml":   "resources: []\n",
		"other/kustomization.yaml": "components: [../part]\n",
		"part/kustomization.yaml":  "kind: Component\nhelmCharts: [{name: a}]\n",
		"r/c/kustomization.yaml":   "resources: [x.yaml, gone]\n",
		"r/c/x.yaml":               "",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tops, others, wrong := Survey(nil, files, "r")
	needs := map[string]string{}
	for _, top := range tops {
		needs[top.Dir] = top.Needs
	}
	if diff := cmp.Diff(map[string]string{"r/a": "Helm", "r/c": ""}, needs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(others.Loose)+len(others.Unlisted)+len(wrong) > 0 || len(tops) != len(needs) {
		t.Errorf("%v, wrong %v", others, wrong)
	}
}
