package cabundle

import (
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead reads anything: exactly one of bundle and error comes back, nothing
// of a key is shown, and what is read can be written and read again.
func FuzzRead(f *testing.F) {
	for _, s := range samples() {
		f.Add([]byte(s.data), "changeit")
	}
	f.Fuzz(func(t *testing.T, data []byte, password string) {
		bundle, err := Read("x", data, "", password)
		if empty := len(bundle.Entries)+len(bundle.Findings) == 0; empty != (err != nil) {
			t.Fatalf("%d certificates, %d findings, error %v", len(bundle.Entries), len(bundle.Findings), err)
		}
		if err != nil {
			checkText(t, err.Error())
			return
		}
		for _, target := range Targets {
			for _, finding := range Check(bundle, target, now) {
				checkText(t, finding.String())
				if _, known := RuleOf(finding.ID); !known || finding.Severity == "" {
					t.Errorf("no rule, or no severity: %+v", finding)
				}
			}
			if len(bundle.Entries) > 0 {
				checkNormal(t, bundle, target)
			}
		}
	})
}

// FuzzSafes opens the safes of stores whose password was not checked first.
func FuzzSafes(f *testing.F) {
	for _, s := range binarySamples() {
		if filepath.Ext(s.name) == ".p12" {
			f.Add([]byte(s.data), "changeit")
		}
	}
	f.Fuzz(func(t *testing.T, der []byte, password string) {
		if rounds(der, 0) > 10_000 {
			return
		}
		certs, keys, err := openSafes(der, password)
		if err != nil && (len(certs) > 0 || keys) {
			t.Errorf("%d certificates, keys %v and error %v", len(certs), keys, err)
		}
		for _, c := range certs {
			if c == nil || len(c.Raw) == 0 {
				t.Error("a certificate without content")
			}
		}
	})
}

// checkText fails on characters that must not be in output.
func checkText(t *testing.T, line string) {
	t.Helper()
	mustNotLeak(t, line)
	if strings.ContainsAny(line, "\n\r\x1b") {
		t.Errorf("more than a line: %q", line)
	}
}
