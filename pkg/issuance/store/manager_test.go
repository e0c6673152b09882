package store

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestLastManager: the latest manager counts, in any order of the entries, but not one that
// only wrote the status.
func TestLastManager(t *testing.T) {
	at := func(manager string, hour int) metav1.ManagedFieldsEntry {
		when := metav1.NewTime(time.Date(2026, 11, 1, hour, 0, 0, 0, time.UTC))
		return metav1.ManagedFieldsEntry{Manager: manager, Time: &when}
	}
	undated := metav1.ManagedFieldsEntry{Manager: "undated"}
	status := at("status", 9)
	status.Subresource = "status"
	for name, tt := range map[string]struct {
		fields []metav1.ManagedFieldsEntry
		want   string
	}{
		"no manager":          {},
		"the later, second":   {[]metav1.ManagedFieldsEntry{at("early", 1), at("late", 2)}, "late"},
		"the later, first":    {[]metav1.ManagedFieldsEntry{at("late", 2), at("early", 1)}, "late"},
		"not the status":      {[]metav1.ManagedFieldsEntry{at("early", 1), status}, "early"},
		"only status":         {[]metav1.ManagedFieldsEntry{status}, ""},
		"a date beats none":   {[]metav1.ManagedFieldsEntry{undated, at("early", 1)}, "early"},
		"none after a date":   {[]metav1.ManagedFieldsEntry{at("early", 1), undated}, "early"},
		"without any dates":   {[]metav1.ManagedFieldsEntry{undated}, "undated"},
		"three, middle first": {[]metav1.ManagedFieldsEntry{at("b", 2), at("a", 1), at("c", 3)}, "c"},
	} {
		if got := lastManager(tt.fields); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
