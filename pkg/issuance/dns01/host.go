package dns01

import (
	"context"
	"time"
)

// host writes DNS records with one account at one DNS provider.
type host interface {
	// present adds a value to the TXT records at a name. If the value exists, it does nothing.
	present(ctx context.Context, r *record) error
	// remove deletes one value and keeps the others. It returns nil if the value does not exist
	// or cannot be deleted by design.
	remove(ctx context.Context, r *record) error
}

// backend is a provider and its properties.
type backend struct {
	host
	// name is the provider's usual name, for example "Cloudflare".
	name string
	// serial providers take one change at a time, because they write whole zones or because their
	// behaviour is not known.
	serial bool
	// single providers may keep only one value at a name.
	single bool
	// alias is set if records are written at the target of the name's CNAME, which must exist.
	alias bool
	// timeout is the provider's usual one; 0 means two minutes.
	timeout time.Duration
}

// record is one TXT record.
type record struct {
	name string // the validated domain, without "*."
	fqdn string // where to write it, fully qualified
	seen string // where a CA finds it: the target of all CNAMEs
	// chain are the CNAMEs from _acme-challenge.<name> to seen.
	chain []string
	value string
	// token and keyAuth are for lego's providers.
	token, keyAuth string
	// zone returns the zone that contains fqdn.
	zone func(context.Context) (string, error)
}

// own returns _acme-challenge.<name>.
func (r *record) own() string { return "_acme-challenge." + r.name + "." }

// Provider is one of lego's DNS providers, created by name. Package process implements it.
type Provider interface {
	Present(ctx context.Context, r Record) error
	CleanUp(ctx context.Context, r Record) error
	Traits() Traits
}

// Traits are properties that a provider reports about itself.
type Traits struct {
	// Timeout is the usual propagation time, 0 if unknown.
	Timeout time.Duration `json:"timeout,omitempty"`
	// Sequential providers may keep only one value at a name.
	Sequential bool `json:"sequential,omitempty"`
}

// Record is a TXT record for a lego provider, which computes the value from KeyAuth.
type Record struct {
	Domain  string `json:"domain"` // without _acme-challenge
	FQDN    string `json:"fqdn"`   // where to write, fully qualified
	Zone    string `json:"zone"`   // that contains FQDN, fully qualified
	Token   string `json:"token"`
	KeyAuth string `json:"keyAuth"`
}
