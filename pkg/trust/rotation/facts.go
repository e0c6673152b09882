package rotation

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Facts are the state of Git and the cluster at one time. The progress of a
// rotation follows from them alone.
type Facts struct {
	Now       time.Time
	Old, New  []*x509.Certificate
	Bundle    []*x509.Certificate // in Git
	Workloads Workloads
	Issuers   []Issuer // desired

	Locations    []usage.LocationState
	Pods         []usage.Pod // that read a location or a Secret of OfNew
	OfOld, OfNew []usage.Use // of the old and the new CAs
	Servers      []Served
	Doubts       []usage.Doubt // about the old CAs
	Ignore       []usage.Ref   // Secrets without doubt, by the user's word
	Unseen       []string      // what could not be read
}

// Served is the result of a connection to a TLS server.
type Served struct {
	Address string
	Needs   []*x509.Certificate // a chain to an old CA; nil if the server does not need one
	Failed  string              // why the connection failed, or ""
}

// TrustedAfter returns what clients trust after the rotation.
func TrustedAfter(bundle, old, new []*x509.Certificate) []*x509.Certificate {
	return pki.Union(pki.Without(bundle, old), new)
}

// needed returns the old CAs that something needs.
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

// Watched selects the objects for which a rotation needs the pods that read
// them: the locations, and certificates of the new CA.
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
