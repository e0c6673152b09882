package overlay

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// A folder of up to smallFolder objects has a file for each. A larger one has a
// file for each run of about runLength objects of one namespace and kind,
// ordered by name. The end of a run depends only on names, so that adding or
// removing an object changes one file.
const (
	smallFolder = 100
	runLength   = 128
	longestRun  = 2 * runLength
)

// part has the objects of one file.
type part struct {
	name    string
	objects []manifest.Built
}

// distribute distributes objects to files. Their names start with prefix.
func distribute(objects []manifest.Built, prefix string) []part {
	if len(objects) <= smallFolder {
		return oneEach(objects, prefix)
	}
	sorted := slices.Clone(objects)
	slices.SortFunc(sorted, func(a, b manifest.Built) int {
		x, y := a.ID(), b.ID()
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Namespace, y.Namespace), cmp.Compare(x.Name, y.Name), x.Compare(y))
	})
	var parts []part
	for len(sorted) > 0 {
		kind, namespace := sorted[0].Kind(), sorted[0].Namespace()
		end := slices.IndexFunc(sorted, func(o manifest.Built) bool { return o.Kind() != kind || o.Namespace() != namespace })
		if end < 0 {
			end = len(sorted)
		}
		name := prefix + fileKind(kind) + dashed(namespace)
		for i, run := range runs(sorted[:end]) {
			if i > 0 {
				parts = append(parts, part{name + "-from-" + fileName(run[0]) + ".yaml", run})
				continue
			}
			parts = append(parts, part{name + ".yaml", run})
		}
		sorted = sorted[end:]
	}
	return parts
}

// runs splits a list before every name that starts a run. Runs that are too
// long are split again, before the name of the lowest weight.
func runs(list []manifest.Built) [][]manifest.Built {
	cut, lowest := 0, uint32(math.MaxUint32)
	for i := 1; i < len(list); i++ {
		if w := weight(list[i].Name()); w < lowest {
			cut, lowest = i, w
		}
	}
	if cut == 0 || lowest > math.MaxUint32/runLength && len(list) <= longestRun {
		return [][]manifest.Built{list}
	}
	return append(runs(list[:cut]), runs(list[cut:])...)
}

// weight is a hash of a name.
func weight(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	// FNV's low bits are weak for names that differ in the last digit only.
	return h.Sum32() * 2654435761
}

// oneEach names a file after each object, with its namespace if two would have
// the same name.
func oneEach(objects []manifest.Built, prefix string) []part {
	short := func(o manifest.Built) string { return prefix + fileKind(o.Kind()) + "-" + fileName(o) }
	count := map[string]int{}
	for _, o := range objects {
		count[short(o)]++
	}
	parts := make([]part, len(objects))
	for i, o := range objects {
		name := short(o)
		if count[name] > 1 {
			name = prefix + fileKind(o.Kind()) + dashed(o.Namespace()) + "-" + fileName(o)
		}
		parts[i] = part{name + ".yaml", []manifest.Built{o}}
	}
	return parts
}

func fileKind(kind string) string { return strings.ToLower(kind) }

// fileName is the name of an object with "_" instead of ":", which file names
// cannot have on Windows. ClusterTrustBundles have colons in their names; no
// object has an underscore.
func fileName(o manifest.Built) string { return strings.ReplaceAll(o.Name(), ":", "_") }

func dashed(namespace string) string {
	if namespace == "" {
		return ""
	}
	return "-" + namespace
}
