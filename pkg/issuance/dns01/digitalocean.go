package dns01

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
)

// digitalocean finds records by their content, as cloudflare does.
type digitalocean struct{ rest }

func newDigitalOcean(c *reader, s *cmacme.ACMEIssuerDNS01ProviderDigitalOcean, o Options) (backend, error) {
	header := http.Header{"Authorization": {"Bearer " + c.get("tokenSecretRef", s.Token)}}
	h := &digitalocean{rest{client: o.http(), base: "https://api.digitalocean.com/v2", message: digitaloceanMessage, sign: withHeader(header)}}
	return backend{host: h, name: "DigitalOcean"}, nil
}

func digitaloceanMessage(body []byte) string {
	var answer struct{ Message string }
	_ = json.Unmarshal(body, &answer) // no message if it is not JSON
	return answer.Message
}

type digitaloceanRecord struct {
	ID   int    `json:"id,omitempty"`
	Type string `json:"type"`
	Name string `json:"name"`
	Data string `json:"data"`
	TTL  int    `json:"ttl"`
}

func (h *digitalocean) present(ctx context.Context, r *record) error {
	path, found, err := h.find(ctx, r)
	if err != nil || len(found) > 0 {
		return err
	}
	return h.do(ctx, request{method: "POST", path: path, in: digitaloceanRecord{Type: "TXT", Name: r.fqdn, Data: r.value, TTL: 30}})
}

func (h *digitalocean) remove(ctx context.Context, r *record) error {
	path, found, err := h.find(ctx, r)
	if err != nil {
		return err
	}
	for _, id := range found {
		err := h.do(ctx, request{method: "DELETE", path: path + "/" + strconv.Itoa(id)})
		if err != nil && !refused(err, http.StatusNotFound) {
			return err
		}
	}
	return nil
}

// find returns the path of the zone's records and the IDs of those with the record's value.
func (h *digitalocean) find(ctx context.Context, r *record) (path string, ids []int, err error) {
	zone, err := r.zone(ctx)
	if err != nil {
		return "", nil, err
	}
	path = "/domains/" + url.PathEscape(plain(zone)) + "/records"
	var answer struct {
		Records []digitaloceanRecord `json:"domain_records"`
	}
	query := url.Values{"type": {"TXT"}, "name": {plain(r.fqdn)}, "per_page": {"200"}}
	err = h.do(ctx, request{method: "GET", path: path, query: query, out: &answer})
	if refused(err, http.StatusNotFound) {
		return "", nil, fmt.Errorf("no domain %s is visible to this token: %w", plain(zone), err)
	}
	for _, one := range answer.Records {
		if one.Data == r.value {
			ids = append(ids, one.ID)
		}
	}
	return path, ids, err
}
