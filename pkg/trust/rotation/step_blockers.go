package rotation

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// toAdd returns the blockers of Add: an empty bundle must not be written if the
// locations hold other CAs, because they are generated from another file.
func (f Facts) toAdd() []Blocker {
	if len(f.Bundle) > 0 {
		return nil
	}
	var list []Blocker
	for _, h := range f.Locations {
		if h.Mixed {
			continue
		}
		for _, ca := range pki.Without(h.Certs, pki.Union(f.Old, f.New)) {
			list = append(list, Blocker{What: h.Location, Why: "has " + named(ca) + ", but the bundle is missing or empty", Do: "set bundle to the file that the location is generated from, or put its CAs into the bundle"})
		}
	}
	return list
}

// distributedOld returns the old CAs that locations have.
func (f Facts) distributedOld() []*x509.Certificate {
	var old []*x509.Certificate
	for _, h := range f.Locations {
		old = pki.Union(old, pki.Without(f.Old, pki.Without(f.Old, h.Certs)))
	}
	return old
}

// distribute returns the blockers of Distribute.
func (f Facts) distribute() []Blocker {
	var list []Blocker
	for _, ca := range f.New {
		if f.Now.Before(ca.NotBefore) {
			list = append(list, Blocker{What: pki.Name(ca.Subject), Why: "is not valid before " + moment(ca.NotBefore)})
		}
	}
	wanted := pki.Union(f.New, f.needed())
	var carrying []usage.LocationState
	for _, h := range f.required() {
		if found := lacks(h, wanted); len(found) > 0 {
			list = append(list, found...)
			continue
		}
		carrying = append(carrying, h)
	}
	return append(list, f.unread(carrying, "may not trust "+Names(f.New, f.Old)+" yet")...)
}

// required returns the locations that must hold certificates.
func (f Facts) required() []usage.LocationState {
	return slices.DeleteFunc(slices.Clone(f.Locations), func(h usage.LocationState) bool { return h.Idle != "" })
}

// lacks returns a blocker for each wanted certificate that a location lacks, or
// the reason why it cannot be read.
func lacks(h usage.LocationState, wanted []*x509.Certificate) []Blocker {
	if h.Absent != "" {
		return []Blocker{{What: h.Location, Why: h.Absent}}
	}
	var list []Blocker
	for _, damage := range h.Damage {
		list = append(list, Blocker{What: h.Location, Why: "cannot be read: " + damage})
	}
	for _, ca := range pki.Without(wanted, h.Certs) {
		list = append(list, Blocker{What: h.Location, Why: "lacks " + named(ca), Do: howToUpdate(h)})
	}
	return list
}

// howToUpdate returns how to update a workload that mounts a component.
func howToUpdate(h usage.LocationState) string {
	if h.By == "" {
		return ""
	}
	return h.By + " mounts it: apply its kustomization again"
}

// toSwitch returns the blockers of Switch: issuers that sign with an old CA.
func (f Facts) toSwitch() []Blocker {
	var list []Blocker
	for _, u := range f.OfOld {
		if !u.Needs(f.Now) || u.Role != usage.Signer {
			continue
		}
		for _, user := range u.Users {
			if user.IsIssuer() {
				list = append(list, Blocker{What: user.Ref.String(), Why: fmt.Sprintf("signs with %s, %s", u.Ref, relation(u)), Do: f.howToSwitch(user.Ref, u.Ref.Namespace)})
			}
		}
	}
	return list
}

// relation describes how a certificate is related to an old CA.
func relation(u usage.Use) string {
	ca := pki.Name(u.Path[len(u.Path)-1].Subject)
	if len(u.Path) == 1 {
		return "which is " + ca
	}
	return "which is issued under " + ca
}

// howToSwitch describes the change of an issuer. The new Secret comes from the
// file or from the cluster.
func (f Facts) howToSwitch(issuer usage.Ref, namespace string) string {
	i := slices.IndexFunc(f.Issuers, func(i Issuer) bool { return i.Ref == issuer })
	if i >= 0 {
		want := f.Issuers[i]
		if secret := (usage.Ref{Kind: "Secret", Namespace: namespace, Name: want.SecretName}); !f.signs(secret) {
			return fmt.Sprintf("put the new CA, or a CA below it, into %s first", secret)
		}
		if want.File != "" {
			return fmt.Sprintf("set spec.ca.secretName to %s in %s, then apply it", want.SecretName, want.File)
		}
		return "set spec.ca.secretName to " + want.SecretName
	}
	for _, u := range f.OfNew {
		if u.Role == usage.Signer && u.Ref.Namespace == namespace {
			return "set spec.ca.secretName to " + u.Ref.Name + ", for example"
		}
	}
	return "set spec.ca.secretName to a Secret with the new CA, or with a CA below it"
}

// Switchable returns the issuers that sign with an old CA, have a file, and have
// a new Secret with the new CA.
func (f Facts) Switchable() []Issuer {
	var list []Issuer
	for _, u := range f.OfOld {
		for _, user := range u.Users {
			i := slices.IndexFunc(f.Issuers, func(i Issuer) bool { return i.Ref == user.Ref && i.File != "" })
			if i >= 0 && u.Needs(f.Now) && f.signs(usage.Ref{Kind: "Secret", Namespace: u.Ref.Namespace, Name: f.Issuers[i].SecretName}) {
				list = append(list, f.Issuers[i])
			}
		}
	}
	return list
}

// signs reports whether a Secret holds the new CA or a CA below it.
func (f Facts) signs(secret usage.Ref) bool {
	return slices.ContainsFunc(f.OfNew, func(u usage.Use) bool { return u.Ref == secret && u.Role == usage.Signer })
}

// drain returns the blockers of Drain.
func (f Facts) drain() []Blocker {
	var list []Blocker
	for _, u := range f.OfOld {
		if u.Needs(f.Now) && (u.Role == usage.Server || !u.Issuing()) {
			list = append(list, Blocker{What: u.Ref.String(), Why: fmt.Sprintf("%s, until %s: %s", pki.Title(u.Cert), day(u.Cert.NotAfter), chainText(u)), Do: renew(u)})
		}
	}
	for _, s := range f.Servers {
		if len(s.Needs) > 0 {
			list = append(list, Blocker{What: s.Address, Why: "serves " + pki.Title(s.Needs[0]) + ", which is issued under " + pki.Name(s.Needs[len(s.Needs)-1].Subject)})
		}
	}
	list = append(list, f.unknown()...)
	return append(list, f.unserved()...)
}

// unknown returns what may need the old CA but cannot be checked.
func (f Facts) unknown() []Blocker {
	var list []Blocker
	for _, d := range f.Doubts {
		if slices.Contains(f.Ignore, d.Ref) {
			continue
		}
		b := Blocker{
			What: d.Ref.String(), Why: fmt.Sprintf("%s: %s, so it may be issued under %s", d.Key, d.Why, Names(f.Old, f.New)),
			Do: "find its CA; if it is another one, add the Secret to ignore",
		}
		if d.Of != nil {
			b.Do = "add a file with that CA to others; or, if it is not under the old CA, add the Secret to ignore"
		}
		list = append(list, b)
	}
	for _, s := range f.Servers {
		if s.Failed != "" {
			list = append(list, Blocker{What: s.Address, Why: "cannot be reached: " + s.Failed})
		}
	}
	for _, note := range f.Unseen {
		list = append(list, Blocker{What: "cluster", Why: note})
	}
	return list
}

func chainText(u usage.Use) string {
	if len(u.Path) == 1 {
		return "is the CA itself and is served"
	}
	return "issued by " + Names(u.Path[1:], nil)
}

// renew returns how to renew a certificate.
func renew(u usage.Use) string {
	for _, user := range u.Users {
		if user.IsMaker() {
			return fmt.Sprintf("cmctl renew -n %s %s", user.Namespace, user.Name)
		}
	}
	return "reissue it from the new CA"
}

// settle returns the blockers of Settle: locations and pods that still have an
// old CA.
func (f Facts) settle() []Blocker {
	var list []Blocker
	var clean []usage.LocationState
	for _, h := range f.required() {
		if found := lacks(h, f.New); len(found) > 0 {
			list = append(list, found...)
			continue
		}
		still := pki.Without(h.Certs, pki.Without(h.Certs, f.Old))
		for _, ca := range still {
			list = append(list, Blocker{What: h.Location, Why: "still has " + named(ca), Do: howToUpdate(h)})
		}
		if len(still) == 0 {
			clean = append(clean, h)
		}
	}
	return append(list, f.unread(clean, "may still trust "+Names(f.Old, f.New))...)
}
