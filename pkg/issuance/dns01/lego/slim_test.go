//go:build slim

package lego

import (
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

func TestSlim(t *testing.T) {
	_, err := process.Launcher{}.Provider(t.Context(), "hetzner", nil)
	want := `DNS provider "hetzner": the slim build has only cert-manager's solvers; use the full build`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
