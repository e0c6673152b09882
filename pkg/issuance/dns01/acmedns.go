package dns01

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/miekg/dns"
	"github.com/nrdcg/goacmedns"
)

// acmeDNS updates the TXT record of an acme-dns account, the target of the name's CNAME. It
// registers no accounts. The server keeps the last two values; values cannot be deleted.
type acmeDNS struct {
	client   *goacmedns.Client
	accounts map[string]goacmedns.Account // by name
}

func newAcmeDNS(c *reader, s *cmacme.ACMEIssuerDNS01ProviderAcmeDNS, o Options) (backend, error) {
	h := &acmeDNS{}
	text := c.get("accountSecretRef", s.AccountSecret)
	if text != "" && (json.Unmarshal([]byte(text), &h.accounts) != nil || len(h.accounts) == 0) {
		c.bad("accountSecretRef", "key %s of Secret %s is not JSON with an account for each name", s.AccountSecret.Key, s.AccountSecret.Name)
	}
	for _, a := range h.accounts {
		c.values = append(c.values, a.Username, a.Password)
	}
	if s.Host == "" {
		c.bad("host", "required")
	}
	var err error
	h.client, err = goacmedns.NewClient(s.Host, goacmedns.WithHTTPClient(o.http()))
	return backend{host: h, name: "acme-dns " + s.Host, alias: true}, err
}

func (h *acmeDNS) present(ctx context.Context, r *record) error {
	account, known := h.accounts[r.name]
	if !known {
		return fmt.Errorf("no account for %s; accounts exist for %s", r.name, strings.Join(slices.Sorted(maps.Keys(h.accounts)), ", "))
	}
	if target := dns.CanonicalName(account.FullDomain); account.FullDomain != "" && r.seen != target {
		return fmt.Errorf("%s has no CNAME to the account's record; create: %s CNAME %s", plain(r.own()), r.own(), target)
	}
	return h.client.UpdateTXTRecord(ctx, account, r.value)
}

func (h *acmeDNS) remove(context.Context, *record) error { return nil }
