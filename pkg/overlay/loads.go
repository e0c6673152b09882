package overlay

import (
	"fmt"
	"io/fs"

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
