package config

import "testing"

func TestIsCerts(t *testing.T) {
	const certs = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"
	for text, want := range map[string]bool{
		certs:                                 true,
		"# a comment\n---\n" + certs + "x: 1": true,
		`{"kind": "Certs", "apiVersion": "kubectl-certs.dev/v1alpha1"}`: true,
		"kind: Certs\n": false,
		"apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\n":            false,
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n" + certs: false,
		"a: kubectl-certs.dev/v1alpha1\nkind: Certs\n":                        false,
		"kubectl-certs.dev/v1alpha1: [":                                       false,
		"- kubectl-certs.dev/v1alpha1":                                        false,
		"":                                                                    false,
	} {
		if got := IsCerts([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
