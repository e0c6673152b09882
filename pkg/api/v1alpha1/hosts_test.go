package v1alpha1

import "testing"

func TestCovers(t *testing.T) {
	for _, tt := range []struct {
		name, host string
		want       bool
	}{
		{"a.example.com", "a.example.com", true},
		{"*.example.com", "a.example.com", true},
		{"*.example.com", "*.example.com", true},
		{"*.example.com", "example.com", false},
		{"*.example.com", "a.b.example.com", false},
		{"*.b.example.com", "*.example.com", false},
		{"*.example.com", "*.b.example.com", false},
		{"example.com", "a.example.com", false},
		{"*.com", "example.com", true},
		{"*", "example", false},
	} {
		if got := Covers(tt.name, tt.host); got != tt.want {
			t.Errorf("Covers(%q, %q) = %t", tt.name, tt.host, got)
		}
	}
}
