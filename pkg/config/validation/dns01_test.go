package validation

import "testing"

func TestIsNameserver(t *testing.T) {
	for text, want := range map[string]bool{
		"ns.example.com": true, "ns.example.com:53": true, "192.0.2.1": true, "192.0.2.1:5353": true, "[2001:db8::1]": true, "[2001:db8::1]:53": true,
		"": false, ":53": false, "2001:db8::1": false, "ns.example.com:": false, "ns.example.com:dns": false, "ns:1:2": false, "[ns]:53": false, "[ns]": false, "ns:70000": false,
	} {
		if got := isNameserver(text); got != want {
			t.Errorf("isNameserver(%q) = %t", text, got)
		}
	}
}
