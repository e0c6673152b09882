package overlay

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Bounds on one build by kustomize, which builds a kustomization anew each time
// that another includes it. docs/limits.md explains them.
const (
	maxLoads       = 10_000   // kustomizations in one build
	loadsPerBuild  = 100      // more of them per command for each build
	maxLoadedBytes = 64 << 20 // of resources, where files are loaded repeatedly
	maxRepeats     = 8        // times that more bytes than that are loaded, on average
)

// load is what building one kustomization takes.
type load struct{ kustomizations, bytes int }

// checkLoads returns an error for a kustomization that includes others more
// often than kustomize can build.
func (b *Builder) checkLoads(fsys fs.FS, dir string) error {
	c := loadCounter{budget: b.Limits, fsys: fsys, known: map[string]load{}}
	sum := c.folder(dir)
	if err := b.Limits.Err(); err != nil {
		return err
	}
	b.tops++
	switch {
	case sum.kustomizations > maxLoads:
		return tooManyLoads(shown(fsys, dir), sum.kustomizations)
	case sum.bytes > maxLoadedBytes && sum.bytes > maxRepeats*c.distinct:
		return fmt.Errorf("build %s: kustomizations include each other so often that kustomize reads %d MiB from files of %d MiB, over the limit of %d MiB; include each one once", shown(fsys, dir), sum.bytes>>20, c.distinct>>20, maxLoadedBytes>>20)
	case b.loads+sum.kustomizations > maxLoads+loadsPerBuild*b.tops:
		return fmt.Errorf("build %s: kustomize has loaded %d kustomizations and would load %d more, over the limit of %d for %d builds; name fewer of them at once", shown(fsys, dir), b.loads, sum.kustomizations, maxLoads+loadsPerBuild*b.tops, b.tops)
	}
	b.loads += sum.kustomizations
	return nil
}

// manyLoads keeps sums from growing without end.
const manyLoads = 1 << 40

func tooManyLoads(dir string, n int) error {
	return fmt.Errorf("build %s: kustomizations include each other so often that kustomize loads them at least %d times, over the limit of %d; include each one once", dir, n, maxLoads)
}

// loadCounter adds up what kustomize would load, and looks at each kustomization
// once. What cannot be read counts nothing: kustomize says why.
type loadCounter struct {
	budget   *limits.Budget
	fsys     fs.FS
	known    map[string]load
	folders  int
	distinct int // bytes of resources
}

func (c *loadCounter) folder(dir string) load {
	dir, err := resolve(c.fsys, dir)
	if err != nil {
		return load{}
	}
	if sum, known := c.known[dir]; known {
		return sum
	}
	c.known[dir] = load{} // one that includes itself is reported by kustomize
	sum := load{kustomizations: 1}
	if c.folders++; c.folders > maxLoads || c.budget.Err() != nil { // links may lead to ever more folders
		return sum
	}
	l, err := list(c.budget, c.fsys, dir)
	if err != nil {
		return sum
	}
	for _, included := range l.local { // as often as kustomize loads it
		one := c.entry(included.place)
		sum.kustomizations = min(sum.kustomizations+one.kustomizations, manyLoads)
		sum.bytes = min(sum.bytes+one.bytes, manyLoads)
	}
	c.known[dir] = sum
	return sum
}

// entry is a folder, which kustomize takes for a kustomization, or a file.
func (c *loadCounter) entry(name string) load {
	if sum, known := c.known[name]; known {
		return sum
	}
	info, err := fs.Stat(c.fsys, name)
	switch {
	case err != nil:
		c.known[name] = load{}
	case info.IsDir():
		return c.folder(name)
	default:
		c.known[name] = load{bytes: int(info.Size())}
		c.distinct += int(info.Size())
	}
	return c.known[name]
}

// maxInner is how deep YAML is in texts of YAML, such as patches in the
// configuration of a transformer.
const maxInner = 4

// checkYAML checks a file before kustomize expands its aliases, and the texts in
// it, which kustomize reads as YAML where they are patches or configuration.
// What is not YAML passes.
func checkYAML(budget *limits.Budget, data []byte, inner int) error {
	if inner > maxInner || !hasAliases(data) && !mayBeDeep(data) {
		return nil
	}
	for doc, err := range budget.Documents(data) {
		if _, isLimit := errors.AsType[*limits.Error](err); isLimit || budget.Err() != nil {
			return err
		}
		if err != nil {
			return nil
		}
		if err := checkTexts(budget, doc, inner); err != nil {
			return err
		}
	}
	return nil
}

func hasAliases(data []byte) bool {
	return bytes.IndexByte(data, '&') >= 0 && bytes.IndexByte(data, '*') >= 0
}

// mayBeDeep spares most files from being read twice. In flow style a level takes
// a bracket, in block style a column.
func mayBeDeep(data []byte) bool {
	const half = limits.MaxDepth / 2
	if bytes.Count(data, []byte("{"))+bytes.Count(data, []byte("[")) >= half-1 {
		return true
	}
	for line := range bytes.Lines(data) {
		if len(line)-len(bytes.TrimLeft(line, " -?:")) >= half-1 {
			return true
		}
	}
	return false
}

func checkTexts(budget *limits.Budget, n *yaml.Node, inner int) error {
	if n.Kind == yaml.ScalarNode {
		err := checkYAML(budget, []byte(n.Value), inner+1)
		if limit, isLimit := errors.AsType[*limits.Error](err); isLimit {
			return &limits.Error{Line: n.Line, Reason: limit.Reason}
		}
		return err
	}
	for _, below := range n.Content {
		if err := checkTexts(budget, below, inner); err != nil {
			return err
		}
	}
	return nil
}
