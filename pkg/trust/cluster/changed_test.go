package cluster

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestChanged(t *testing.T) {
	at := func(hour int) *metav1.Time {
		return &metav1.Time{Time: time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC)}
	}
	entry := func(hour int, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Time: at(hour), FieldsV1: metav1.NewFieldsV1(fields)}
	}
	value := `{"f:data":{".":{},"f:ca.crt":{}}}`
	for name, tt := range map[string]struct {
		fields    []metav1.ManagedFieldsEntry
		immutable bool
		key       string
		want      int // hour; 0 if it is not known
	}{
		"unknown":                          {nil, false, "", 0},
		"one manager":                      {[]metav1.ManagedFieldsEntry{entry(3, value)}, false, "", 3},
		"another wrote labels":             {[]metav1.ManagedFieldsEntry{entry(3, value), entry(5, `{"f:metadata":{"f:labels":{"f:data":{}}}}`)}, false, "", 3},
		"another wrote another key":        {[]metav1.ManagedFieldsEntry{entry(3, value), entry(5, `{"f:data":{"f:x":{}}}`)}, false, "ca.crt", 3},
		"any key counts for all":           {[]metav1.ManagedFieldsEntry{entry(3, value), entry(5, `{"f:data":{"f:x":{}}}`)}, false, "", 5},
		"the last of two":                  {[]metav1.ManagedFieldsEntry{entry(5, value), entry(3, value)}, false, "ca.crt", 5},
		"binary data":                      {[]metav1.ManagedFieldsEntry{entry(4, `{"f:binaryData":{"f:ca.crt":{}}}`)}, false, "ca.crt", 4},
		"fields that cannot be read":       {[]metav1.ManagedFieldsEntry{entry(3, value), entry(6, `{`)}, false, "ca.crt", 6},
		"only labels are known":            {[]metav1.ManagedFieldsEntry{entry(5, `{"f:metadata":{}}`)}, false, "", 0},
		"what cannot change was created":   {[]metav1.ManagedFieldsEntry{entry(5, value)}, true, "", 1},
		"status is written by controllers": {[]metav1.ManagedFieldsEntry{entry(3, value), {Time: at(7), Subresource: "status", FieldsV1: metav1.NewFieldsV1(value)}}, false, "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			meta := metav1.ObjectMeta{CreationTimestamp: *at(1), ManagedFields: tt.fields}
			got := changed(meta, tt.immutable, valuesOf(tt.key)...)
			if tt.immutable { // pods created in that second have read it
				got = got.Add(time.Second)
			}
			if tt.want == 0 && !got.IsZero() || tt.want != 0 && !got.Equal(at(tt.want).Time) {
				t.Errorf("changed at %v, want %d h", got, tt.want)
			}
		})
	}
}
