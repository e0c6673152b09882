package dns01

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rest is a client of the JSON API of a DNS provider.
type rest struct {
	client *http.Client
	base   string
	// sign adds the credentials to a request.
	sign func(*http.Request) error
	// message returns the provider's message from the body of an error, "" if there is none.
	message func(body []byte) string
}

// refusal is an error response.
type refusal struct {
	method, path string
	status       int
	message      string
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("%s %s: %d %s", r.method, r.path, r.status, http.StatusText(r.status))
	if r.message != "" {
		text += ": " + r.message
	}
	return text
}

// refused reports whether an error is a response with one of these status codes.
func refused(err error, status ...int) bool {
	var r *refusal
	return errors.As(err, &r) && slices.Contains(status, r.status)
}

// request is one API request.
type request struct {
	method, path string
	query        url.Values
	header       http.Header
	in, out      any // JSON, nil for none
}

// do sends a request and retries a few times when the provider is too busy.
func (a *rest) do(ctx context.Context, r request) (err error) {
	for try := range 4 {
		var later time.Duration
		later, err = a.once(ctx, r)
		if err == nil || !refused(err, http.StatusTooManyRequests, http.StatusServiceUnavailable) {
			return err
		}
		if later == 0 {
			later = time.Second << try
		}
		if sleep(ctx, min(later, 30*time.Second)) != nil {
			return err
		}
	}
	return err
}

// once sends a request and returns the provider's Retry-After.
func (a *rest) once(ctx context.Context, r request) (later time.Duration, err error) {
	req, err := a.build(ctx, r)
	if err != nil {
		return 0, err
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return 0, bare(r, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return 0, bare(r, err)
	}
	if resp.StatusCode/100 != 2 {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return time.Duration(seconds) * time.Second, &refusal{r.method, r.path, resp.StatusCode, a.words(body)}
	}
	if r.out == nil || len(body) == 0 {
		return 0, nil
	}
	if err := json.Unmarshal(body, r.out); err != nil {
		return 0, fmt.Errorf("%s %s: answer: %w", r.method, r.path, err)
	}
	return 0, nil
}

func (a *rest) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.in != nil {
		data, err := json.Marshal(r.in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	target := a.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "kubectl-certs")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, a.sign(req)
}

// words returns the provider's message of an error, or the body if there is none.
func (a *rest) words(body []byte) string {
	if text := a.message(body); text != "" {
		return text
	}
	return strings.TrimSpace(string(body))
}

// bare replaces the URL of an error, whose query may be long, with the path.
func bare(r request, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%s %s: %w", r.method, r.path, err)
}
