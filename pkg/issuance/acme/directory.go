package acme

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/acme"
)

// directoryAge is how long a directory is cached: a CA may change its profiles while this
// process runs.
const directoryAge = 24 * time.Hour

// directory is the server's directory (RFC 8555 §7.1.1).
type directory struct {
	url  string
	mu   sync.Mutex
	body []byte
	at   time.Time
}

// get returns the directory. It fetches one that is old; if that fails it returns the old one.
func (d *directory) get(ctx context.Context, fetch func() (reply, error)) (reply, error) {
	body, fresh := d.claim(time.Now())
	if !fresh {
		r, err := fetch()
		if err == nil {
			err = d.put(r.body)
		}
		if err == nil || body == nil || ctx.Err() != nil {
			return r, err
		}
	}
	return reply{status: http.StatusOK, header: http.Header{}, body: body}, nil
}

// claim returns the cached directory. If it is old, one caller gets fresh == false and fetches
// it.
func (d *directory) claim(now time.Time) (body []byte, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fresh = d.body != nil && now.Sub(d.at) < directoryAge
	if !fresh && d.body != nil {
		d.at = now
	}
	return d.body, fresh
}

func (d *directory) put(body []byte) error {
	var dir acme.Directory
	if err := json.Unmarshal(body, &dir); err != nil || dir.NewNonceURL == "" || dir.NewAccountURL == "" || dir.NewOrderURL == "" {
		return &noResponse{text: fmt.Sprintf("%s: not an ACME directory", d.url), final: true}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.body, d.at = body, time.Now()
	return nil
}

func (d *directory) parsed() acme.Directory {
	d.mu.Lock()
	defer d.mu.Unlock()
	var dir acme.Directory
	_ = json.Unmarshal(d.body, &dir) // put has parsed it before
	return dir
}

// Meta is the metadata of a directory (RFC 8555 §7.1.1).
type Meta struct {
	Terms   string // URL of the terms of service, "" for none
	Website string
	// CAAIdentities are the CA's names in CAA records.
	CAAIdentities []string
	// Profiles are the ACME profiles and their descriptions, nil if there are none.
	Profiles map[string]string
	// RenewalInfo is whether the CA suggests renewal times (RFC 9773).
	RenewalInfo             bool
	ExternalAccountRequired bool
}
