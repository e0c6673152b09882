package dns01

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/miekg/dns"
)

// cloudflare finds records by their content, so it can delete records of an earlier process.
// lego's provider only deletes records whose IDs it has stored.
type cloudflare struct{ rest }

func newCloudflare(c *reader, s *cmacme.ACMEIssuerDNS01ProviderCloudflare, o Options) (backend, error) {
	header := http.Header{}
	switch {
	case s.APIKey != nil && s.APIToken != nil:
		c.bad("", "apiKeySecretRef and apiTokenSecretRef cannot be combined")
	case s.APIToken != nil:
		header.Set("Authorization", "Bearer "+c.get("apiTokenSecretRef", *s.APIToken))
	case s.APIKey != nil:
		header.Set("X-Auth-Key", c.get("apiKeySecretRef", *s.APIKey))
		header.Set("X-Auth-Email", s.Email)
		if s.Email == "" {
			c.bad("email", "required with apiKeySecretRef; an API token needs no email")
		}
	default:
		c.bad("", "apiTokenSecretRef, or apiKeySecretRef with email, is required")
	}
	h := &cloudflare{rest{client: o.http(), base: "https://api.cloudflare.com/client/v4", message: cloudflareMessage, sign: withHeader(header)}}
	return backend{host: h, name: "Cloudflare"}, nil
}

// withHeader returns a function that sets header fields.
func withHeader(header http.Header) func(*http.Request) error {
	return func(r *http.Request) error {
		for name, values := range header {
			if strings.ContainsFunc(values[0], func(c rune) bool { return c < ' ' || c > '~' }) {
				return errors.New("invalid credential: it contains control characters, such as line breaks, or non-ASCII characters")
			}
			r.Header[name] = values
		}
		return nil
	}
}

// cloudflareAnswer is the envelope of every answer.
type cloudflareAnswer[T any] struct {
	Result T                 `json:"result"`
	Errors []cloudflareError `json:"errors"`
}

type cloudflareError struct {
	Code    int               `json:"code"`
	Message string            `json:"message"`
	Chain   []cloudflareError `json:"error_chain"`
}

func cloudflareMessage(body []byte) string {
	var answer cloudflareAnswer[json.RawMessage]
	_ = json.Unmarshal(body, &answer) // no message if it is not JSON
	var words []string
	for _, e := range answer.Errors {
		for _, one := range append([]cloudflareError{e}, e.Chain...) {
			words = append(words, fmt.Sprintf("%s (%d)", one.Message, one.Code))
		}
	}
	return strings.Join(words, ", ")
}

type cloudflareRecord struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Content string `json:"content"`
	TTL     int    `json:"ttl"`
}

func (h *cloudflare) present(ctx context.Context, r *record) error {
	path, err := h.records(ctx, r)
	if err != nil {
		return err
	}
	const alreadyThere = "(81058)" // "An identical record already exists."
	err = h.do(ctx, request{method: "POST", path: path, in: cloudflareRecord{Type: "TXT", Name: plain(r.fqdn), Content: `"` + r.value + `"`, TTL: 120}})
	if err != nil && strings.Contains(err.Error(), alreadyThere) {
		return nil
	}
	return err
}

func (h *cloudflare) remove(ctx context.Context, r *record) error {
	path, err := h.records(ctx, r)
	if err != nil {
		return err
	}
	var found cloudflareAnswer[[]cloudflareRecord]
	query := url.Values{"type": {"TXT"}, "name": {plain(r.fqdn)}, "per_page": {"100"}}
	if err := h.do(ctx, request{method: "GET", path: path, query: query, out: &found}); err != nil {
		return err
	}
	for _, one := range found.Result {
		if strings.Trim(one.Content, `"`) != r.value {
			continue
		}
		err := h.do(ctx, request{method: "DELETE", path: path + "/" + url.PathEscape(one.ID)})
		if err != nil && !refused(err, http.StatusNotFound) {
			return err
		}
	}
	return nil
}

// records returns the API path of the records of the zone that contains a name. It looks the
// zone up at Cloudflare: it may not be delegated to Cloudflare yet.
func (h *cloudflare) records(ctx context.Context, r *record) (string, error) {
	for off, end := 0, false; !end; off, end = dns.NextLabel(r.fqdn, off) {
		name := plain(r.fqdn[off:])
		if !strings.Contains(name, ".") {
			break
		}
		var found cloudflareAnswer[[]struct{ ID string }]
		if err := h.do(ctx, request{method: "GET", path: "/zones", query: url.Values{"name": {name}}, out: &found}); err != nil {
			return "", err
		}
		if len(found.Result) > 0 {
			return "/zones/" + url.PathEscape(found.Result[0].ID) + "/dns_records", nil
		}
	}
	return "", fmt.Errorf("no zone for %s is visible to these credentials; a token needs Zone:Read and DNS:Edit for the zone", plain(r.fqdn))
}
