package cluster

import (
	"encoding/json"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// changed returns the latest time at which any of some fields of an object was
// written, or the zero value if it is unknown. The API server has one time for
// all fields of a manager, so the time may also be that of another field. An
// immutable object was written before a pod could mount it, even in the same
// second.
func changed(meta metav1.ObjectMeta, immutable bool, fields ...[]string) time.Time {
	if immutable {
		return meta.CreationTimestamp.Add(-time.Second)
	}
	var last time.Time
	for _, entry := range meta.ManagedFields {
		if entry.Subresource == "status" || entry.FieldsV1 == nil || entry.Time == nil || !entry.Time.After(last) {
			continue
		}
		raw := entry.FieldsV1.GetRawBytes()
		if slices.ContainsFunc(fields, func(path []string) bool { return owns(raw, path) }) {
			last = entry.Time.Time
		}
	}
	return last
}

// valuesOf returns the fields of a ConfigMap or Secret under a key, or under all
// keys if it is "".
func valuesOf(key string) [][]string {
	if key == "" {
		return [][]string{{"data"}, {"binaryData"}}
	}
	return [][]string{{"data", key}, {"binaryData", key}}
}

// owns reports whether the fields of a manager include a path.
func owns(raw []byte, path []string) bool {
	if len(path) == 0 {
		return true
	}
	var set map[string]json.RawMessage
	if json.Unmarshal(raw, &set) != nil {
		return true // unreadable: better too late than too early
	}
	inner, found := set["f:"+path[0]]
	return found && owns(inner, path[1:])
}
