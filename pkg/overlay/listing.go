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

// listing has the references of a kustomization, or of the configuration of a
// generator or transformer that it loads.
type listing struct {
	budget *limits.Budget
	fsys   fs.FS
	dir    string
	file   string // that refers to it
	local  []localEntry
	remote []*RemoteError
	// plugins are the folders of generators, transformers or validators.
	plugins []string
	read    map[string]bool // files of configuration
	// isComponent and onlyLists are kinds of kustomizations. onlyLists means
	// that it has only resources.
	isComponent, onlyLists bool
}

// localEntry is a reference to a file or folder.
type localEntry struct{ file, field, path string }

// list reads the references of a kustomization as kustomize does. Errors are
// left to the build.
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

// files are the entries of a kustomization that refer to files, by field.
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

// entry records one reference, unless it is inline.
func (l *listing) entry(field, text string, mayBeFolder bool) {
	if text == "" {
		return
	}
	if !mayBeFolder { // of a ConfigMap or Secret, as in key=file
		if _, file, named := strings.Cut(text, "="); named && !isURL(text) {
			text = file
		}
	}
	name := path.Join(l.dir, text)
	if path.IsAbs(text) {
		name = strings.TrimPrefix(path.Clean(text), "/")
	}
	switch {
	case isRemote(l.fsys, name, text, mayBeFolder):
		l.remote = append(l.remote, &RemoteError{l.file, field, withoutCredentials(text), mayBeFolder})
	case !isInline(text):
		l.local = append(l.local, localEntry{l.file, field, name})
	}
}

// plugin records a generator, transformer or validator: configuration that is
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
	name := l.local[before].path
	if info, err := fs.Stat(l.fsys, name); err == nil && info.IsDir() {
		l.plugins = append(l.plugins, name)
		return
	}
	l.configFile(name)
}

// configFile records the references of a file of configurations.
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

// config records the references of configurations, and reports whether data has
// any configuration.
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

// configFields are the fields with file names in the configuration of
// kustomize's own generators and transformers. kustomize ignores their case.
var configFields = []string{"files", "envs", "env", "path", "paths", "targetfilepath"}

func isConfigField(field string) bool { return slices.Contains(configFields, strings.ToLower(field)) }

// visit is an anchor, and whether it is in a field with file names.
type visit struct {
	anchor  *yaml.Node
	ofFiles bool
}

// node visits the nodes of a configuration: kustomize accepts duplicate keys,
// which the decoders here do not.
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

// scalar returns the text of a scalar, decoded if it is base64.
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
