package overlay

import (
	"encoding/json"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// listing is what a kustomization, or the configuration of a generator or
// transformer that it loads, names.
type listing struct {
	budget *limits.Budget
	fsys   fs.FS
	dir    string
	file   string // that names it
	local  []localEntry
	remote []*RemoteError
	// plugins are the folders that generators, transformers or validators are in.
	plugins []string
	read    map[string]bool // files of configuration
	// isComponent and onlyLists tell what kind of kustomization it is: one that
	// does nothing but list resources.
	isComponent, onlyLists bool
}

// localEntry is a file or folder that is named.
type localEntry struct{ file, field, place string }

// list reads a kustomization as kustomize does, for what it names; what
// kustomize refuses, building it tells.
func list(budget *limits.Budget, fsys fs.FS, dir string) (listing, error) {
	l := listing{budget: budget, fsys: fsys, dir: dir, read: map[string]bool{}}
	data, err := readKustomization(fsys, dir)
	if err != nil {
		return l, err
	}
	if err := checkYAML(budget, data, 0); err != nil {
		return l, err
	}
	for _, name := range kustomizationNames {
		if _, err := fs.Stat(fsys, path.Join(dir, name)); err == nil {
			l.file = shown(fsys, path.Join(dir, name))
		}
	}
	text, err := sigsyaml.YAMLToJSON(data)
	if err != nil {
		return l, err
	}
	var k types.Kustomization
	if err := json.Unmarshal(text, &k); err != nil {
		return l, err
	}
	k.FixKustomization()
	l.kustomization(k)
	return l, nil
}

func (l *listing) kustomization(k types.Kustomization) {
	l.isComponent = k.Kind == types.ComponentKind
	bare := types.Kustomization{TypeMeta: k.TypeMeta, MetaData: k.MetaData, Resources: k.Resources}
	l.onlyLists = reflect.DeepEqual(bare, k)
	for _, entry := range k.Resources {
		l.entry("resources", entry, true)
	}
	for _, entry := range k.Components {
		l.entry("components", entry, true)
	}
	for field, entries := range files(k) {
		for _, entry := range entries {
			l.entry(field, entry, false)
		}
	}
	for field, entries := range map[string][]string{"generators": k.Generators, "transformers": k.Transformers, "validators": k.Validators} {
		for _, entry := range entries {
			l.plugin(field, entry)
		}
	}
	if len(k.HelmCharts) > 0 {
		l.remote = append(l.remote, &RemoteError{File: l.file, Field: "helmCharts"})
	}
	slices.SortStableFunc(l.remote, func(a, b *RemoteError) int { return strings.Compare(a.Error(), b.Error()) })
}

// files are the entries of a kustomization that name files, by field.
func files(k types.Kustomization) map[string][]string {
	named := map[string][]string{"crds": k.Crds, "configurations": k.Configurations, "openapi": {k.OpenAPI["path"]}}
	for _, p := range k.Patches {
		named["patches"] = append(named["patches"], p.Path)
	}
	//lint:ignore SA1019 kustomize still builds it
	for _, p := range k.PatchesJson6902 {
		named["patchesJson6902"] = append(named["patchesJson6902"], p.Path)
	}
	//lint:ignore SA1019 kustomize still builds it
	for _, p := range k.PatchesStrategicMerge {
		named["patchesStrategicMerge"] = append(named["patchesStrategicMerge"], string(p))
	}
	for _, r := range k.Replacements {
		named["replacements"] = append(named["replacements"], r.Path)
	}
	for _, g := range k.ConfigMapGenerator {
		named["configMapGenerator"] = append(named["configMapGenerator"], sources(g.KvPairSources)...)
	}
	for _, g := range k.SecretGenerator {
		named["secretGenerator"] = append(named["secretGenerator"], sources(g.KvPairSources)...)
	}
	return named
}

func sources(s types.KvPairSources) []string { return slices.Concat(s.FileSources, s.EnvSources) }

// entry notes one thing that is named, if it is not inline.
func (l *listing) entry(field, text string, mayBeFolder bool) {
	if text == "" {
		return
	}
	if !mayBeFolder { // of a ConfigMap or Secret, as in key=file
		if _, file, named := strings.Cut(text, "="); named && !isURL(text) {
			text = file
		}
	}
	place := path.Join(l.dir, text)
	if path.IsAbs(text) {
		place = strings.TrimPrefix(path.Clean(text), "/")
	}
	switch {
	case isRemote(l.fsys, place, text, mayBeFolder):
		l.remote = append(l.remote, &RemoteError{l.file, field, withoutCredentials(text), mayBeFolder})
	case !isInline(text):
		l.local = append(l.local, localEntry{l.file, field, place})
	}
}

// plugin notes a generator, transformer or validator: configuration that is
// inline, in a file, or in a folder.
func (l *listing) plugin(field, text string) {
	if isURL(text) || isRepository(text) {
		l.entry(field, text, true)
		return
	}
	if l.config([]byte(text)) {
		return
	}
	before := len(l.local)
	l.entry(field, text, true)
	if len(l.local) == before {
		return
	}
	place := l.local[before].place
	if info, err := fs.Stat(l.fsys, place); err == nil && info.IsDir() {
		l.plugins = append(l.plugins, place)
		return
	}
	l.configFile(place)
}

// configFile notes what a file of configurations names.
func (l *listing) configFile(name string) {
	if l.read[name] {
		return
	}
	l.read[name] = true
	if data, err := fs.ReadFile(l.fsys, name); err == nil {
		inner := listing{budget: l.budget, fsys: l.fsys, dir: l.dir, file: shown(l.fsys, name)}
		inner.config(data)
		l.local, l.remote = append(l.local, inner.local...), append(l.remote, inner.remote...)
	}
}

// config notes what configurations name, and reports whether data is any.
func (l *listing) config(data []byte) bool {
	found, seen := false, map[visit]bool{}
	for document, err := range l.budget.Documents(data) {
		if err != nil {
			break
		}
		if document.Content[0].Kind == yaml.MappingNode {
			found = true
			l.node("", document.Content[0], seen)
		}
	}
	return found
}

// configFields are those that name files in the configuration of kustomize's own
// generators and transformers; it takes them in any case.
var configFields = []string{"files", "envs", "env", "path", "paths", "targetfilepath"}

func isConfigField(field string) bool { return slices.Contains(configFields, strings.ToLower(field)) }

// visit is an anchor, and whether it is where files are named.
type visit struct {
	anchor  *yaml.Node
	ofFiles bool
}

// node looks through configuration as it is written: kustomize takes keys that
// are there twice, which no decoder here does.
func (l *listing) node(field string, n *yaml.Node, seen map[visit]bool) {
	switch n.Kind {
	case yaml.AliasNode:
		if v := (visit{n.Alias, isConfigField(field)}); !seen[v] {
			seen[v] = true
			l.node(field, n.Alias, seen)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			l.node(field, item, seen)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			l.node(scalar(n.Content[i]), n.Content[i+1], seen)
		}
	case yaml.ScalarNode:
		text := scalar(n)
		if isConfigField(field) {
			l.entry(field, text, false)
		}
		if field == "kind" && text == "HelmChartInflationGenerator" {
			l.remote = append(l.remote, &RemoteError{File: l.file, Field: text})
		}
	}
}

// scalar is the text of a scalar, decoded where it is base64.
func scalar(n *yaml.Node) string {
	var text string
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Decode(&text) != nil {
		return n.Value
	}
	return text
}
