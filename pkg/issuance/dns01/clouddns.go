package dns01

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// cloudDNS replaces a record set in one change, which fails if the set has changed since it was
// read. lego's provider deletes the set first, and deletes all values on cleanup.
type cloudDNS struct {
	rest
	managed string // name of the managed zone; "" looks it up
}

const cloudDNSScope = "https://www.googleapis.com/auth/ndev.clouddns.readwrite"

func newCloudDNS(c *reader, s *cmacme.ACMEIssuerDNS01ProviderCloudDNS, o Options) (backend, error) {
	if s.Project == "" {
		c.bad("project", "required")
	}
	ctx := context.WithValue(context.WithoutCancel(c.ctx), oauth2.HTTPClient, o.http())
	h := &cloudDNS{managed: s.HostedZoneName}
	h.rest = rest{base: "https://dns.googleapis.com/dns/v1/projects/" + url.PathEscape(s.Project), message: googleMessage, sign: func(*http.Request) error { return nil }}
	if s.ServiceAccount != nil {
		key := c.get("serviceAccountSecretRef", *s.ServiceAccount)
		account, err := google.JWTConfigFromJSON([]byte(key), cloudDNSScope)
		if key != "" && err != nil {
			c.bad("serviceAccountSecretRef", "key %s of Secret %s is not a service account key in JSON", s.ServiceAccount.Key, s.ServiceAccount.Name)
		}
		if err == nil {
			h.client = account.Client(ctx)
		}
	} else if !o.Ambient {
		c.bad("serviceAccountSecretRef", "required, unless ambient credentials are enabled for this issuer")
	} else {
		found, err := google.FindDefaultCredentials(ctx, cloudDNSScope)
		if err != nil {
			return backend{}, fmt.Errorf("cloudDNS: no Google default credentials: %w", err)
		}
		h.client = oauth2.NewClient(ctx, found.TokenSource)
	}
	return backend{host: h, name: "Google Cloud DNS"}, nil
}

func googleMessage(body []byte) string {
	var answer struct{ Error struct{ Message string } }
	_ = json.Unmarshal(body, &answer) // no message if it is not JSON
	return answer.Error.Message
}

type googleSet struct {
	Name string   `json:"name"`
	Type string   `json:"type"`
	TTL  int      `json:"ttl"`
	Data []string `json:"rrdatas"`
}

func (h *cloudDNS) present(ctx context.Context, r *record) error {
	return h.change(ctx, r, func(values []string) []string { return append(values, `"`+r.value+`"`) })
}

func (h *cloudDNS) remove(ctx context.Context, r *record) error {
	return h.change(ctx, r, func(values []string) []string { return values })
}

// change edits the values at a name except the record's own.
func (h *cloudDNS) change(ctx context.Context, r *record, edit func([]string) []string) (err error) {
	zone, err := h.zone(ctx, r)
	if err != nil {
		return err
	}
	for range 5 {
		err = h.once(ctx, zone, r, edit)
		if !refused(err, http.StatusConflict, http.StatusPreconditionFailed) {
			break // no concurrent change
		}
	}
	return err
}

func (h *cloudDNS) once(ctx context.Context, zone string, r *record, edit func([]string) []string) error {
	var found struct{ Rrsets []googleSet }
	path := "/managedZones/" + url.PathEscape(zone)
	if err := h.do(ctx, request{method: "GET", path: path + "/rrsets", query: url.Values{"name": {r.fqdn}, "type": {"TXT"}}, out: &found}); err != nil {
		return err
	}
	want := googleSet{Name: r.fqdn, Type: "TXT", TTL: 60}
	var current []string
	for _, set := range found.Rrsets {
		current, want.TTL = append(current, set.Data...), set.TTL
	}
	own := func(value string) bool { return strings.Trim(value, `"`) == r.value }
	want.Data = edit(slices.DeleteFunc(slices.Clone(current), own))
	if len(want.Data) == len(current) {
		return nil // nothing to change
	}
	change := struct {
		Additions []googleSet `json:"additions,omitempty"`
		Deletions []googleSet `json:"deletions,omitempty"`
	}{Deletions: found.Rrsets}
	if len(want.Data) > 0 {
		change.Additions = []googleSet{want}
	}
	return h.do(ctx, request{method: "POST", path: path + "/changes", in: change})
}

// zone returns the name of the managed zone.
func (h *cloudDNS) zone(ctx context.Context, r *record) (string, error) {
	if h.managed != "" {
		return h.managed, nil
	}
	zone, err := r.zone(ctx)
	if err != nil {
		return "", err
	}
	var found struct {
		Zones []struct{ Name, Visibility string } `json:"managedZones"`
	}
	if err := h.do(ctx, request{method: "GET", path: "/managedZones", query: url.Values{"dnsName": {zone}}, out: &found}); err != nil {
		return "", err
	}
	for _, z := range found.Zones {
		if z.Visibility != "private" {
			return z.Name, nil
		}
	}
	return "", fmt.Errorf("no public zone %s in the project", plain(zone))
}
