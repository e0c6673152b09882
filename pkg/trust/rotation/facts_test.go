package rotation

import (
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestWatched: a rotation needs the pods that read a location, its previous
// version, or a certificate of the new CA; also by the name of a signer.
func TestWatched(t *testing.T) {
	before := usage.Ref{Kind: "ConfigMap", Namespace: "shop", Name: "roots-2h7k5m9cdf"}
	bundle := usage.Ref{Kind: "ClusterTrustBundle", Namespace: "", Name: "example.com:foo:corp"}
	watched := distributed(func(f *Facts) {
		f.Locations = append(f.Locations, usage.LocationState{Object: roots, Before: []usage.Ref{before}}, usage.LocationState{Object: bundle}, usage.LocationState{Location: "bundle/corp:inLine"})
		f.OfNew = []usage.Use{newWeb, newSign}
	}).Watched()
	for ref, want := range map[usage.Ref]bool{
		roots: true, before: true, webTLS: true, bundle: true,
		{Kind: "ClusterTrustBundle", Namespace: "", Name: usage.OfSigner("example.com/foo")}: true,
		{Kind: "ClusterTrustBundle", Namespace: "", Name: usage.OfSigner("example.com/bar")}: false,
		newSign.Ref: false, corpCA: false, {}: false,
	} {
		if got := watched(ref); got != want {
			t.Errorf("%s is watched: %v", ref, got)
		}
	}
}

// TestSwitchable: an issuer is switched in its file if it signs with the old CA
// and its new Secret is there.
func TestSwitchable(t *testing.T) {
	issuer := Issuer{Ref: corp, SecretName: "corp-2026", File: "issuers.yaml"}
	unnamed, elsewhere := issuer, issuer
	unnamed.File, elsewhere.Ref.Name = "", "other"
	for name, tt := range map[string]struct {
		issuer Issuer
		ofNew  []usage.Use
		want   bool
	}{
		"at its time":           {issuer, []usage.Use{newSign}, true},
		"its Secret is missing": {issuer, nil, false},
		"its file is not known": {unnamed, []usage.Use{newSign}, false},
		"another issuer":        {elsewhere, []usage.Use{newSign}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := distributed(func(f *Facts) { f.OfOld, f.OfNew, f.Issuers = []usage.Use{oldSign}, tt.ofNew, []Issuer{tt.issuer} })
			if got := len(f.Switchable()) == 1; got != tt.want {
				t.Errorf("is switched: %v", got)
			}
		})
	}
}

func TestKeeps(t *testing.T) {
	if got := names(TrustedAfter(list(other, oldRoot), list(oldRoot), list(newRoot))); got != "Other Root → New Root" {
		t.Errorf("keeps %q", got)
	}
}
