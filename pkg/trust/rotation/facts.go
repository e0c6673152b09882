package rotation

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Facts are what Git and the cluster say about a rotation at one time. Nothing
// else is known of it: where it is follows from them.
type Facts struct {
	Now       time.Time
	Old, New  []*x509.Certificate
	Bundle    []*x509.Certificate // in Git
	Workloads Workloads
	Issuers   []Issuer // as they are to be

	Locations    []usage.LocationState
	Pods         []usage.Pod // all that read what is held, or Secrets of OfNew
	OfOld, OfNew []usage.Use // each asked with all that clients keep or get besides
	Servers      []Served
	Doubts       []usage.Doubt // of the old CAs
	Ignore       []usage.Ref   // Secrets that are no doubt
	Unseen       []string      // what could not be read
}

// Served is what a TLS server answers.
type Served struct {
	Address string
	Needs   []*x509.Certificate // a chain to an old CA, if nothing else vouches for it
	Failed  string              // why it could not be asked, "" if it could
}

// Keeps is what clients trust after the rotation.
func Keeps(bundle, old, new []*x509.Certificate) []*x509.Certificate {
	return pki.Union(pki.Without(bundle, old), new)
}

// needed are the old CAs that something needs.
func (f Facts) needed() []*x509.Certificate {
	var cas []*x509.Certificate
	for _, u := range f.OfOld {
		if u.Needs(f.Now) {
			cas = pki.Union(cas, u.Path[len(u.Path)-1:])
		}
	}
	for _, s := range f.Servers {
		if len(s.Needs) > 0 {
			cas = pki.Union(cas, s.Needs[len(s.Needs)-1:])
		}
	}
	return cas
}

// Watched are the objects that a rotation asks about pods: who reads what is
// held, and who reads certificates of the new CA.
func (f Facts) Watched() func(usage.Ref) bool {
	refs := map[usage.Ref]bool{}
	var bundles []usage.Ref
	for _, h := range f.Locations {
		refs[h.Object] = true
		for _, before := range h.Before {
			refs[before] = true
		}
		if h.Object.Kind == "ClusterTrustBundle" {
			bundles = append(bundles, h.Object)
		}
	}
	for _, u := range f.OfNew {
		if u.Role == usage.Server {
			refs[u.Ref] = true
		}
	}
	delete(refs, usage.Ref{})
	return func(r usage.Ref) bool {
		return refs[r] || slices.ContainsFunc(bundles, r.Reads)
	}
}
