package acme

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// reply is a complete answer. lego exposes neither its header nor fields unknown to lego.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) response(req *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(r.status), StatusCode: r.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, Body: io.NopCloser(bytes.NewReader(r.body)), ContentLength: int64(len(r.body)), Request: req,
	}
}

func newProblem(r reply) *problem {
	var p problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		p = problem{}
	}
	if p.Type == "" && p.Detail == "" {
		p.Detail = fmt.Sprintf("HTTP %d %s", r.status, http.StatusText(r.status))
	}
	p.status, p.retryAfter = r.status, r.retryAfter()
	return &p
}

// longestRetryAfter limits Retry-After (RFC 9773 §4.3.1 also suggests one day).
const longestRetryAfter = 24 * time.Hour

// retryAfter returns the delay that the server requests (RFC 8555 §6.6), at most a day, 0 if
// there is none.
func (r reply) retryAfter() time.Duration {
	value := strings.TrimSpace(r.header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(longestRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(time.Until(at), 0), longestRetryAfter)
}

func (r reply) location() string { return r.header.Get("Location") }

// decode parses an answer again, for the fields that lego omits.
func decode[T any](r reply) (T, error) {
	var value T
	if err := json.Unmarshal(r.body, &value); err != nil {
		return value, &noResponse{text: fmt.Sprintf("invalid answer from the ACME server: %s", err), sent: true}
	}
	return value, nil
}

// links returns the targets of a relation (RFC 8288), relative to the requested page.
func (r reply) links(rel, page string) []string {
	var all []string
	for _, m := range linkPattern.FindAllStringSubmatch(strings.Join(r.header.Values("Link"), ", "), -1) {
		if m[2] != rel {
			continue
		}
		base, err := url.Parse(page)
		if err != nil {
			continue
		}
		if target, err := base.Parse(m[1]); err == nil {
			all = append(all, target.String())
		}
	}
	return all
}

func (r reply) link(rel, page string) string {
	if all := r.links(rel, page); len(all) > 0 {
		return all[0]
	}
	return ""
}

var linkPattern = regexp.MustCompile(`<([^>]*)>[^,]*?;\s*rel="?([^",;]+)"?`)
