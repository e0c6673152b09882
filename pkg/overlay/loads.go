package overlay

import (
	"fmt"
	"io/fs"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Limits for one build by kustomize, which builds a kustomization again each
// time that another includes it. docs/limits.md explains them.
const (
	maxLoads       = 10_000   // kustomizations per build
	loadsPerBuild  = 100      // additional kustomizations per command for each build
	maxLoadedBytes = 64 << 20 // of resources, if files are loaded repeatedly
	maxRepeats     = 8        // average number of loads per file above maxLoadedBytes
)

// load is the cost of building one kustomization.
type load struct{ kustomizations, bytes int }

// manyLoads prevents overflow of the sums.
const manyLoads = 1 << 40

func tooManyLoads(dir string, n int) error {
	return fmt.Errorf("build %s: kustomize would load at least %d kustomizations, over the limit of %d, because they are included repeatedly; include each one once", dir, n, maxLoads)
}

// loadCounter computes the loads of kustomize, and visits each kustomization
// once. Files that cannot be read do not count: kustomize reports them.
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
	c.known[dir] = load{} // kustomize reports one that includes itself
	sum := load{kustomizations: 1}
	if c.folders++; c.folders > maxLoads || c.budget.Err() != nil { // links may lead to infinitely many folders
		return sum
	}
	l, err := list(c.budget, c.fsys, dir)
	if err != nil {
		return sum
	}
	for _, included := range l.local { // as often as kustomize loads it
		one := c.entry(included.path)
		sum.kustomizations = min(sum.kustomizations+one.kustomizations, manyLoads)
		sum.bytes = min(sum.bytes+one.bytes, manyLoads)
	}
	c.known[dir] = sum
	return sum
}

// entry is a folder, which is a kustomization to kustomize, or a file.
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
