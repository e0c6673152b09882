package overlay

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// A folder of up to smallFolder objects has a file for each. A larger one has a
// file for each run of about runLength objects of one namespace and kind, in
// order of names. Where a run ends is up to the name alone, so that an object
// more or less changes one file.
const (
	smallFolder = 100
	runLength   = 128
	longestRun  = 2 * runLength // where no name ends a run, its length does
)

// part is a file's share of the objects.
type part struct {
	name    string
	objects []manifest.Built
}

// distribute shares objects out among files, whose names start with prefix.
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
	for i, o := range sorted {
		id := o.ID()
		startsKind := i == 0 || sorted[i-1].Kind() != id.Kind || sorted[i-1].Namespace() != id.Namespace
		full := len(parts) > 0 && len(parts[len(parts)-1].objects) == longestRun
		if startsKind || full || startsRun(id.Name) {
			name := prefix + fileKind(id.Kind) + dashed(id.Namespace)
			if !startsKind {
				name += "-from-" + id.Name
			}
			parts = append(parts, part{name: name + ".yaml"})
		}
		last := &parts[len(parts)-1]
		last.objects = append(last.objects, o)
	}
	return parts
}

// startsRun is true for one name in runLength, always for the same names.
func startsRun(name string) bool {
	h := fnv.New32a()
	h.Write([]byte(name))
	// FNV's low bits are weak for names that differ in the last digit only.
	return (h.Sum32()*2654435761)>>25 == 0
}

// oneEach names a file after each object, with the namespace where two would
// have one name.
func oneEach(objects []manifest.Built, prefix string) []part {
	short := func(o manifest.Built) string { return prefix + fileKind(o.Kind()) + "-" + o.Name() }
	count := map[string]int{}
	for _, o := range objects {
		count[short(o)]++
	}
	parts := make([]part, len(objects))
	for i, o := range objects {
		name := short(o)
		if count[name] > 1 {
			name = prefix + fileKind(o.Kind()) + dashed(o.Namespace()) + "-" + o.Name()
		}
		parts[i] = part{name + ".yaml", []manifest.Built{o}}
	}
	return parts
}

func fileKind(kind string) string { return strings.ToLower(kind) }

func dashed(namespace string) string {
	if namespace == "" {
		return ""
	}
	return "-" + namespace
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
