package cluster

import (
	"encoding/json"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// changed is when a field of an object was written last, at the latest: the
// API server notes a time for all that one manager wrote, so a manager that
// later writes something else moves it. The zero value if it is not known. An
// object that cannot change was written when it was created.
func changed(meta metav1.ObjectMeta, immutable bool, fields ...string) time.Time {
	if immutable {
		return meta.CreationTimestamp.Time
	}
	var last time.Time
	for _, entry := range meta.ManagedFields {
		if entry.Subresource == "status" || entry.FieldsV1 == nil || entry.Time == nil || !owns(entry.FieldsV1.GetRawBytes(), fields) {
			continue
		}
		if entry.Time.After(last) {
			last = entry.Time.Time
		}
	}
	return last
}

// owns reports whether a manager's fields have any of some at the top.
func owns(raw []byte, fields []string) bool {
	var set map[string]json.RawMessage
	if json.Unmarshal(raw, &set) != nil {
		return true // unreadable: better too late than too early
	}
	for _, f := range fields {
		if _, found := set[f]; found {
			return true
		}
	}
	return false
}
