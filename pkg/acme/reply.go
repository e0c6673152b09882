package acme

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-acme/lego/v4/acme/api"
)

// reply is an answer, read to its end. lego shows neither its header nor the
// fields that lego does not know.
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

// retryAfter is how long the server asks to wait (RFC 8555 §6.6), zero if it
// does not.
func (r reply) retryAfter() time.Duration {
	d, err := api.ParseRetryAfter(r.header.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return max(d, 0)
}

func (r reply) location() string { return r.header.Get("Location") }

// decode reads an answer once more, for what lego leaves out.
func decode[T any](r reply) (T, error) {
	var value T
	if err := json.Unmarshal(r.body, &value); err != nil {
		return value, &silence{text: fmt.Sprintf("the server's answer is not what RFC 8555 has there: %s", err), sent: true}
	}
	return value, nil
}
