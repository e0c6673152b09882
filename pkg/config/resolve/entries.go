package resolve

import (
	"maps"
	"slices"
)

// FullName is namespace/name, or only the name if there is no namespace.
func FullName(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// Entries are the names by which an override may refer to the entries of a
// list.
type Entries struct {
	exact map[string][]int // by namespace/name, or name if there is no namespace
	loose map[string][]int // the same, and by name alone
	apart map[string]bool  // names that are unique only with their namespaces
}

// EntriesOf collects the names of a list; key is the Key method of its entries.
func EntriesOf[T any](list []T, key func(*T) (namespace, name string)) Entries {
	e := Entries{map[string][]int{}, map[string][]int{}, map[string]bool{}}
	for i := range list {
		namespace, name := key(&list[i])
		full := FullName(namespace, name)
		e.exact[full] = append(e.exact[full], i)
		e.loose[name] = append(e.loose[name], i)
		if namespace != "" {
			e.loose[full] = append(e.loose[full], i)
			e.apart[name] = true
		}
	}
	return e
}

// Of returns the entries that have a name: more than one if it is ambiguous.
func (e Entries) Of(name string) []int {
	if exact, ok := e.exact[name]; ok {
		return exact
	}
	return e.loose[name]
}

// Names are all names, sorted.
func (e Entries) Names() []string { return slices.Sorted(maps.Keys(e.loose)) }

// NeedsNamespace reports whether a name is unique only with its namespace.
func (e Entries) NeedsNamespace(name string) bool { return e.apart[name] }
