package rotation

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// toAdd is what keeps a bundle that has nothing in it from being written: locations
// are made from another one.
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
			list = append(list, Blocker{What: h.Location, Why: "has " + named(ca) + ", and the bundle is not there or empty", Do: "name the file that the place is made from, or put into the bundle what it is to have"})
		}
	}
	return list
}

// spreadOld are the old CAs that locations have.
func (f Facts) spreadOld() []*x509.Certificate {
	var spread []*x509.Certificate
	for _, h := range f.Locations {
		spread = pki.Union(spread, pki.Without(f.Old, pki.Without(f.Old, h.Certs)))
	}
	return spread
}

// spread is what keeps issuance from being switched.
func (f Facts) spread() []Blocker {
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
	return append(list, f.unread(carrying, "may not know "+Names(f.New, f.Old)+" yet")...)
}

// required are the locations that must hold something.
func (f Facts) required() []usage.LocationState {
	return slices.DeleteFunc(slices.Clone(f.Locations), func(h usage.LocationState) bool { return h.Idle != "" })
}

// lacks is what a location is without.
func lacks(h usage.LocationState, wanted []*x509.Certificate) []Blocker {
	if h.Absent != "" {
		return []Blocker{{What: h.Location, Why: h.Absent}}
	}
	var list []Blocker
	for _, damage := range h.Damage {
		list = append(list, Blocker{What: h.Location, Why: "cannot be read: " + damage})
	}
	for _, ca := range pki.Without(wanted, h.Certs) {
		list = append(list, Blocker{What: h.Location, Why: "lacks " + named(ca), Do: again(h)})
	}
	return list
}

// again is how a workload gets what its component has by now.
func again(h usage.LocationState) string {
	if h.By == "" {
		return ""
	}
	return h.By + " mounts it: apply its kustomization again"
}

// toSwitch are the issuers that sign with an old CA.
func (f Facts) toSwitch() []Blocker {
	var list []Blocker
	for _, u := range f.OfOld {
		if !u.Needs(f.Now) || u.Role != usage.Signer {
			continue
		}
		for _, user := range u.Users {
			if user.IsIssuer() {
				list = append(list, Blocker{What: user.Ref.String(), Why: fmt.Sprintf("signs with %s, %s", u.Ref, standing(u)), Do: f.howToSwitch(user.Ref, u.Ref.Namespace)})
			}
		}
	}
	return list
}

// standing says how a certificate is related to an old CA.
func standing(u usage.Use) string {
	ca := pki.Name(u.Path[len(u.Path)-1].Subject)
	if len(u.Path) == 1 {
		return "which is " + ca
	}
	return "for which " + ca + " vouches"
}

// howToSwitch names the Secret that an issuer is to sign with. One that is not
// in the file may be found in the cluster.
func (f Facts) howToSwitch(issuer usage.Ref, namespace string) string {
	i := slices.IndexFunc(f.Issuers, func(i Issuer) bool { return i.Ref == issuer })
	if i >= 0 {
		want := f.Issuers[i]
		if secret := (usage.Ref{Kind: "Secret", Namespace: namespace, Name: want.SecretName}); !f.signs(secret) {
			return fmt.Sprintf("put the new CA, or one that it signed, into %s first: there is none in it", secret)
		}
		if want.File != "" {
			return fmt.Sprintf("spec.ca.secretName: %s, in %s and then in the cluster", want.SecretName, want.File)
		}
		return "spec.ca.secretName: " + want.SecretName
	}
	for _, u := range f.OfNew {
		if u.Role == usage.Signer && u.Ref.Namespace == namespace {
			return "spec.ca.secretName: " + u.Ref.Name + ", for instance"
		}
	}
	return "spec.ca.secretName: a Secret with the new CA, or with one that it signed"
}

// Switchable are the issuers that sign with an old CA, whose file can say
// otherwise, and whose new Secret is there.
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

// signs reports whether a Secret holds the new CA, or one below it.
func (f Facts) signs(secret usage.Ref) bool {
	return slices.ContainsFunc(f.OfNew, func(u usage.Use) bool { return u.Ref == secret && u.Role == usage.Signer })
}

// drain is what keeps the old CA from being removed, but for issuers.
func (f Facts) drain() []Blocker {
	var list []Blocker
	for _, u := range f.OfOld {
		if u.Needs(f.Now) && (u.Role == usage.Server || !u.Issuing()) {
			list = append(list, Blocker{What: u.Ref.String(), Why: fmt.Sprintf("%s, until %s: %s", pki.Title(u.Cert), day(u.Cert.NotAfter), chainText(u)), Do: renew(u)})
		}
	}
	for _, s := range f.Servers {
		if len(s.Needs) > 0 {
			list = append(list, Blocker{What: s.Address, Why: "serves " + pki.Title(s.Needs[0]) + ", for which " + pki.Name(s.Needs[len(s.Needs)-1].Subject) + " vouches"})
		}
	}
	list = append(list, f.unknown()...)
	return append(list, f.unserved()...)
}

// unknown is all of which nobody can tell whether it needs the old CA.
func (f Facts) unknown() []Blocker {
	var list []Blocker
	for _, d := range f.Doubts {
		if slices.Contains(f.Ignore, d.Ref) {
			continue
		}
		b := Blocker{
			What: d.Ref.String(), Why: fmt.Sprintf("%s: %s, so nobody can tell whether %s vouches for it", d.Key, d.Why, Names(f.Old, f.New)),
			Do: "find out, and if it does not, name the Secret under ignore",
		}
		if d.Of != nil {
			b.Do = "name a file with that CA under others, or find out, and name the Secret under ignore"
		}
		list = append(list, b)
	}
	for _, s := range f.Servers {
		if s.Failed != "" {
			list = append(list, Blocker{What: s.Address, Why: "cannot be asked: " + s.Failed})
		}
	}
	for _, note := range f.Unseen {
		list = append(list, Blocker{What: "cluster", Why: note})
	}
	return list
}

func chainText(u usage.Use) string {
	if len(u.Path) == 1 {
		return "is the CA itself, and served"
	}
	return "issued by " + Names(u.Path[1:], nil)
}

// renew is how one gets another certificate.
func renew(u usage.Use) string {
	for _, user := range u.Users {
		if user.IsMaker() {
			return fmt.Sprintf("cmctl renew -n %s %s", user.Namespace, user.Name)
		}
	}
	return "issue it anew by the new CA"
}

// settle is what still has an old CA after it was removed.
func (f Facts) settle() []Blocker {
	var list []Blocker
	var rid []usage.LocationState
	for _, h := range f.required() {
		if found := lacks(h, f.New); len(found) > 0 {
			list = append(list, found...)
			continue
		}
		still := pki.Without(h.Certs, pki.Without(h.Certs, f.Old))
		for _, ca := range still {
			list = append(list, Blocker{What: h.Location, Why: "still has " + named(ca), Do: again(h)})
		}
		if len(still) == 0 {
			rid = append(rid, h)
		}
	}
	return append(list, f.unread(rid, "may still trust "+Names(f.Old, f.New))...)
}
