package manifest

import "regexp"

// nameHash matches the suffix that Kustomize appends to the names of generated
// ConfigMaps and Secrets: ten hexadecimal digits in which 0, 1, 3, a and e are
// replaced (sigs.k8s.io/kustomize/api/hasher).
var nameHash = regexp.MustCompile(`^(.+)-[2456789bcdfghkmt]{10}$`)

// CutHash returns a name without the hash that Kustomize appended to it, and
// whether it has one. A name without a hash is returned as it is.
func CutHash(name string) (before string, hashed bool) {
	if parts := nameHash.FindStringSubmatch(name); parts != nil {
		return parts[1], true
	}
	return name, false
}
