package dns01

import (
	"context"
	"time"
)

// host is where DNS records can be written: one account at one DNS host.
type host interface {
	// present adds a value to the TXT records at a name. One that is there
	// already is no error.
	present(ctx context.Context, r *record) error
	// remove takes one value away and leaves the others. One that is not there
	// is no error, nor is one that cannot be taken away by design.
	remove(ctx context.Context, r *record) error
}

// backend is a host and how to treat it.
type backend struct {
	host
	// name is what people call it, as in "Cloudflare".
	name string
	// serial hosts take one change at a time: they write whole zones, or nobody
	// knows better.
	serial bool
	// single hosts may keep only one value at a name.
	single bool
	// alias says that the host is not at the name itself, but at the end of
	// the CNAME that must be there.
	alias bool
	// timeout is what is usual, 0 for two minutes.
	timeout time.Duration
}

// record is one TXT record that is to be seen.
type record struct {
	name string // what is proved, without "*."
	fqdn string // where it is written, with a dot at the end
	seen string // where a CA finds it: at the end of all CNAMEs
	// chain are the CNAMEs from _acme-challenge.<name> to seen.
	chain []string
	value string
	// token and keyAuth are what lego's providers want to know.
	token, keyAuth string
	// zone finds the zone that fqdn lies in.
	zone func(context.Context) (string, error)
}

// own is where a record of the name itself would be.
func (r *record) own() string { return "_acme-challenge." + r.name + "." }

// Provider is a DNS provider of lego that was made by its name; the package
// process below this one has one.
type Provider interface {
	Present(ctx context.Context, r Record) error
	CleanUp(ctx context.Context, r Record) error
	Traits() Traits
}

// Traits are what a provider says of itself.
type Traits struct {
	// Timeout is how long records may take to be seen, 0 if it does not say.
	Timeout time.Duration `json:"timeout,omitempty"`
	// Sequential providers may keep only one value at a name.
	Sequential bool `json:"sequential,omitempty"`
}

// Record is a TXT record for a provider of lego, which computes the value.
type Record struct {
	Domain  string `json:"domain"` // without _acme-challenge
	FQDN    string `json:"fqdn"`   // where to write, with a dot at the end
	Zone    string `json:"zone"`   // that FQDN lies in, with a dot at the end
	Token   string `json:"token"`
	KeyAuth string `json:"keyAuth"`
}
