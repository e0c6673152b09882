package usage

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	roots  = Ref{"ConfigMap", "shop", "roots"}
	webTLS = Ref{"Secret", "shop", "web-tls"}
	web    = Ref{"Deployment", "shop", "web"}
)

// TestAddWorkloads: pods are counted by workload, behind issuers and routes and
// before Certificates.
func TestAddWorkloads(t *testing.T) {
	users := map[Ref][]User{webTLS: {{Ref: Ref{"Certificate", "shop", "web"}}, {Ref: Ref{"Ingress", "shop", "web"}}, {Ref: Ref{"ClusterIssuer", "", "corp"}}}}
	AddWorkloads(users, []Pod{{Owner: web, Reads: []Ref{webTLS}}, {Owner: web, Reads: []Ref{webTLS, roots}}})
	var got []string
	for _, u := range users[webTLS] {
		got = append(got, fmt.Sprintf("%s %d", u.Ref, u.Pods))
	}
	want := []string{"clusterissuer/corp 0", "ingress/shop/web 0", "deployment/shop/web 2", "certificate/shop/web 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(users[roots]) != 1 || users[roots][0].Pods != 1 {
		t.Errorf("the location has %v", users[roots])
	}
}

// TestPodHasReadChange: a pod has read what was there before it started. Its node's
// clock may be a minute off, and the API server's has whole seconds.
func TestPodHasReadChange(t *testing.T) {
	changed := now
	for name, tt := range map[string]struct {
		pod     Pod
		changed time.Time
		want    bool
	}{
		"not started yet":               {Pod{}, changed, true},
		"not started, change not known": {Pod{}, time.Time{}, true},
		"change not known":              {Pod{Created: now, Started: now}, time.Time{}, false},
		"created after it":              {Pod{Created: now.Add(time.Second), Started: now}, changed, true},
		"created in the same second":    {Pod{Created: now, Started: now.Add(time.Second)}, changed, false},
		"started a minute after it":     {Pod{Created: now, Started: now.Add(time.Minute)}, changed, false},
		"started later than that":       {Pod{Created: now, Started: now.Add(time.Minute + 1)}, changed, true},
		"before it":                     {Pod{Created: now.Add(-2 * time.Hour), Started: now.Add(-time.Hour)}, changed, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.pod.HasRead(tt.changed); got != tt.want {
				t.Errorf("has read it: %v, want %v", got, tt.want)
			}
		})
	}
}

// TestReadsClusterTrustBundles: the name of a signer means all its ClusterTrustBundles, and the
// zero value nothing.
func TestReadsClusterTrustBundles(t *testing.T) {
	signer := Ref{"ClusterTrustBundle", "", OfSigner("example.com/foo")}
	corp, other := Ref{"ClusterTrustBundle", "", "example.com:foo:corp"}, Ref{"ClusterTrustBundle", "", "example.com:bar:corp"}
	pod := Pod{Reads: []Ref{signer, roots}}
	for object, want := range map[Ref]bool{corp: true, other: false, roots: true, webTLS: false, {}: false, {"ConfigMap", "", "example.com:foo:x"}: false} {
		if got := pod.ReadsObject(object); got != want {
			t.Errorf("%s: reads it: %v, want %v", object, got, want)
		}
	}
	objects := map[Ref]time.Time{corp: now, other: now, webTLS: now, roots: now}
	got := map[Ref]int{}
	for object := range pod.Among(objects) {
		got[object]++
	}
	if diff := cmp.Diff(map[Ref]int{corp: 1, roots: 1}, got); diff != "" {
		t.Errorf("among others (-want +got):\n%s", diff)
	}
}
