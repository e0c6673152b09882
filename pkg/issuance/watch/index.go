package watch

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/routes"
)

// requestIndex joins requests, issuers, Secrets and journals to entries, and finds the entries
// that a change affects.
type requestIndex struct {
	needs      map[manifest.ID][]plan.Need
	requesters map[issuance.Ref]map[manifest.ID]bool
	issuers    map[plan.IssuerKey]issuance.Issuer
	waiting    map[plan.IssuerKey]map[issuance.Ref]bool
	secrets    map[issuance.Ref]issuance.SecretState
	journals   map[issuance.Ref]issuance.Journal
	// orders are the URLs of cert-manager's orders by the leaf of their certificates.
	orders map[string]string
	// challenges are the objects with a route for the challenge path.
	challenges map[manifest.ID]manifest.Object
	statics    map[string]bool
	problems   map[manifest.ID]error
	routes     routes.Table
	// names are the Secrets by requested name. given are the operator's objects, which need no
	// route.
	names map[string]map[issuance.Ref]bool
	given map[manifest.ID]bool
	// claimed caches the issuers that may validate a requested name, and owned the namespaces
	// that route a host, since the last change.
	claimed map[string][]issuance.Issuer
	owned   map[string][]string
	grants  []Grant
	// shared is set if requests come from more than one namespace.
	shared bool
	// whole is set if all requests are known, so that a journal without a request can be
	// deleted.
	whole bool
}

func newRequestIndex() *requestIndex {
	return &requestIndex{
		needs: map[manifest.ID][]plan.Need{}, requesters: map[issuance.Ref]map[manifest.ID]bool{},
		issuers: map[plan.IssuerKey]issuance.Issuer{}, waiting: map[plan.IssuerKey]map[issuance.Ref]bool{},
		secrets: map[issuance.Ref]issuance.SecretState{}, journals: map[issuance.Ref]issuance.Journal{}, orders: map[string]string{},
		challenges: map[manifest.ID]manifest.Object{}, problems: map[manifest.ID]error{},
		names: map[string]map[issuance.Ref]bool{}, given: map[manifest.ID]bool{},
		claimed: map[string][]issuance.Issuer{}, owned: map[string][]string{},
	}
}

// set stores the current summary of an object and returns the Secrets it affects. The summary
// of a deleted object has only its ID.
//
// An object of the operator is not replaced by the cluster's object of the same name.
func (b *requestIndex) set(r *objectSummary) []issuance.Ref {
	id := r.id
	if b.given[id] && !r.given {
		return nil
	}
	clear(b.claimed)
	if r.given {
		b.given[id] = true
	}
	if delete(b.problems, id); r.err != nil {
		b.problems[id] = r.err
	}
	if r.isIssuer() {
		key := plan.IssuerKey{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}
		if delete(b.issuers, key); r.issuer != nil {
			b.issuers[key] = *r.issuer
		}
		return slices.Collect(maps.Keys(b.waiting[key]))
	}
	if _, was := b.challenges[id]; was || r.challenge != nil {
		b.statics = nil
		if delete(b.challenges, id); r.challenge != nil {
			b.challenges[id] = r.challenge
		}
	}
	refs := b.setNeeds(id, r.needs)
	concerned := b.routes.Set(id, r.route)
	if len(concerned) > 0 {
		clear(b.owned)
	}
	for _, host := range concerned {
		for _, ref := range b.requesting(host) {
			refs[ref] = true
		}
	}
	return slices.Collect(maps.Keys(refs))
}

// static reports whether challenges of a host reach the responder.
func (b *requestIndex) static(host string) bool {
	if b.statics == nil {
		b.statics = manifest.StaticHosts(slices.Collect(maps.Values(b.challenges)))
	}
	return b.statics[host]
}

// setNeeds replaces the requests of an object and returns the affected Secrets.
func (b *requestIndex) setNeeds(id manifest.ID, needs []plan.Need) map[issuance.Ref]bool {
	refs := map[issuance.Ref]bool{}
	for _, n := range b.needs[id] {
		refs[refOf(n)] = true
		b.unlink(id, n)
	}
	for ref := range refs { // other objects may request the same
		for other := range b.requesters[ref] {
			for _, n := range b.needs[other] {
				b.link(other, n)
			}
		}
	}
	if delete(b.needs, id); len(needs) > 0 {
		b.needs[id] = needs
	}
	for _, n := range needs {
		refs[refOf(n)] = true
		b.link(id, n)
	}
	return refs
}

// link indexes a need of an object by its Secret, issuer and names.
func (b *requestIndex) link(id manifest.ID, n plan.Need) {
	ref := refOf(n)
	add(b.requesters, ref, id)
	add(b.waiting, plan.IssuerOf(n), ref)
	for _, name := range plan.Names(&n.Certificate) {
		add(b.names, issuance.CanonicalName(name), ref)
	}
}

func (b *requestIndex) unlink(id manifest.ID, n plan.Need) {
	ref := refOf(n)
	remove(b.requesters, ref, id)
	remove(b.waiting, plan.IssuerOf(n), ref)
	for _, name := range plan.Names(&n.Certificate) {
		remove(b.names, issuance.CanonicalName(name), ref)
	}
}

func add[K, V comparable](sets map[K]map[V]bool, key K, value V) {
	if sets[key] == nil {
		sets[key] = map[V]bool{}
	}
	sets[key][value] = true
}

func remove[K, V comparable](sets map[K]map[V]bool, key K, value V) {
	if delete(sets[key], value); len(sets[key]) == 0 {
		delete(sets, key)
	}
}

func refOf(n plan.Need) issuance.Ref {
	return issuance.Ref{Namespace: n.Namespace, Name: n.Certificate.SecretName}
}

// secret stores the state of a Secret; nil deletes it.
func (b *requestIndex) secret(ref issuance.Ref, state *issuance.SecretState) []issuance.Ref {
	if delete(b.secrets, ref); state != nil {
		b.secrets[ref] = *state
	}
	if b.requesters[ref] == nil {
		return nil
	}
	return []issuance.Ref{ref}
}

// journal stores a journal; nil deletes it.
func (b *requestIndex) journal(ref issuance.Ref, j *issuance.Journal) []issuance.Ref {
	clear(b.claimed)
	if delete(b.journals, ref); j != nil {
		b.journals[ref] = *j
	}
	return []issuance.Ref{ref}
}

// note stores the summary of a Secret or journal.
func (b *requestIndex) note(s *secretSummary) []issuance.Ref {
	switch {
	case s.journal != nil && s.journal.Version == "": // deleted
		return b.journal(s.ref, nil)
	case s.journal != nil:
		return b.journal(s.ref, s.journal)
	}
	return b.secret(s.ref, s.state)
}

// requesting returns the Secrets with a requested name that a host, as returned by
// routes.Table.Set, covers.
func (b *requestIndex) requesting(host string) []issuance.Ref {
	if host != "" && !strings.HasPrefix(host, "*") {
		return slices.Collect(maps.Keys(b.names[host]))
	}
	var refs []issuance.Ref
	for name, of := range b.names {
		if routes.Covers(host, name) {
			refs = slices.AppendSeq(refs, maps.Keys(of))
		}
	}
	return refs
}
