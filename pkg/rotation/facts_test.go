package rotation

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWatched: a rotation asks about pods that read a place, what came before
// it, or a certificate of the new CA; also by the name of a signer.
func TestWatched(t *testing.T) {
	before := Ref{"ConfigMap", "shop", "roots-2h7k5m9cdf"}
	bundle := Ref{"ClusterTrustBundle", "", "example.com:foo:corp"}
	watched := spreadOut(func(f *Facts) {
		f.Held = append(f.Held, Held{Object: roots, Before: []Ref{before}}, Held{Object: bundle}, Held{Place: "bundle/corp:inLine"})
		f.OfNew = []Use{newWeb, newSign}
	}).Watched()
	for ref, want := range map[Ref]bool{
		roots: true, before: true, webTLS: true, bundle: true,
		{"ClusterTrustBundle", "", OfSigner("example.com/foo")}: true,
		{"ClusterTrustBundle", "", OfSigner("example.com/bar")}: false,
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
		ofNew  []Use
		want   bool
	}{
		"at its time":             {issuer, []Use{newSign}, true},
		"its Secret is not there": {issuer, nil, false},
		"its file is not known":   {unnamed, []Use{newSign}, false},
		"another issuer":          {elsewhere, []Use{newSign}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := spreadOut(func(f *Facts) { f.OfOld, f.OfNew, f.Issuers = []Use{oldSign}, tt.ofNew, []Issuer{tt.issuer} })
			if got := len(f.Switchable()) == 1; got != tt.want {
				t.Errorf("is switched: %v", got)
			}
		})
	}
}

func TestKeeps(t *testing.T) {
	if got := names(Keeps(list(other, oldRoot), list(oldRoot), list(newRoot))); got != "Other Root → New Root" {
		t.Errorf("keeps %q", got)
	}
}

// TestAddWorkloads: pods are counted by workload, behind issuers and routes and
// before who only renews.
func TestAddWorkloads(t *testing.T) {
	users := map[Ref][]User{webTLS: {{Ref: Ref{"Certificate", "shop", "web"}}, {Ref: Ref{"Ingress", "shop", "web"}}, {Ref: corp}}}
	AddWorkloads(users, []Pod{pod("web-1", 9, webTLS), pod("web-2", 9, webTLS, roots)})
	var got []string
	for _, u := range users[webTLS] {
		got = append(got, fmt.Sprintf("%s %d", u.Ref, u.Pods))
	}
	want := []string{"clusterissuer/corp 0", "ingress/shop/web 0", "deployment/shop/web 2", "certificate/shop/web 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(users[roots]) != 1 || users[roots][0].Pods != 1 {
		t.Errorf("the place has %v", users[roots])
	}
}
