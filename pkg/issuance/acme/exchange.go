package acme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-acme/lego/v4/acme/api"
)

// exchange is one call into lego. lego v4 takes no context, caches nonces forever, waits long
// after a rejected one, and hides headers and some errors. So every call gets its own core,
// which costs only the parsing of the directory, with a transport that handles all that.
type exchange struct {
	account *Account
	ctx     context.Context
	last    reply // to the last request
	err     error // of the last request
}

// RoundTrip implements http.RoundTripper.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	a := x.account
	switch {
	case req.Method == http.MethodGet && req.URL.String() == a.config.Directory:
		x.last, x.err = a.directory.get(x.ctx, func() (reply, error) { return a.wire.send(x.ctx, req) })
	case req.Method == http.MethodHead:
		if nonce, ok := a.nonces.take(time.Now()); ok {
			x.last, x.err = reply{status: http.StatusOK, header: http.Header{"Replay-Nonce": {nonce}}}, nil
			break
		}
		x.last, x.err = a.wire.send(x.ctx, req)
	default:
		x.last, x.err = a.wire.send(x.ctx, req)
		a.nonces.put(x.last.header.Get("Replay-Nonce"), time.Now())
		x.last.header.Del("Replay-Nonce") // otherwise lego would use it again
	}
	if x.err != nil {
		return nil, x.err
	}
	return x.last.response(req), nil
}

// nonceTries is how often a call is signed again after a badNonce error. Each such error has a
// new nonce (RFC 8555 §6.5).
const nonceTries = 30

// exchange calls lego with one account URL, "" for none, and returns the answer to its last
// request. Its errors are those of wire.send, or lego's own.
func (a *Account) exchange(ctx context.Context, account string, f func(*api.Core) error) (reply, error) {
	for try := 1; ; try++ {
		x := &exchange{account: a, ctx: ctx}
		core, err := api.New(&http.Client{Transport: x}, a.config.UserAgent, a.config.Directory, account, a.config.Key)
		if err == nil {
			err = f(core)
		}
		if err != nil {
			err = x.cause(err)
		}
		if !hasType(err, badNonce) || try == nonceTries {
			return x.last, err
		}
		if err := sleep(ctx, noncePause(try)); err != nil {
			return x.last, err
		}
	}
}

// noncePause is the delay before another try.
func noncePause(try int) time.Duration {
	if try < 5 {
		return 0
	}
	return time.Duration(try) * 10 * time.Millisecond
}

// cause returns the error of a call. lego does not always wrap the transport's error.
func (x *exchange) cause(err error) error {
	if x.err != nil {
		return x.err
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var date *time.ParseError
	if errors.As(err, &syntax) || errors.As(err, &kind) || errors.As(err, &date) {
		return &noResponse{text: fmt.Sprintf("invalid answer from the ACME server (HTTP %d)", x.last.status), sent: true}
	}
	return err
}
