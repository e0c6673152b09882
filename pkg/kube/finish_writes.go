package kube

import (
	"context"
	"io"
	"net/http"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// writeGrace is how long a write in flight may take after its context has
// ended.
const writeGrace = 5 * time.Second

// FinishWrites makes clients of the configuration finish a write that is in
// flight when its context is canceled, so that its result is known. No write
// starts after that. A deadline of the context still applies.
func FinishWrites(config *rest.Config) {
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return finishing{next} })
}

type finishing struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (f finishing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		return f.next.RoundTrip(req)
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	longer, stop := shutdown.Finish(ctx, writeGrace)
	if deadline, ok := ctx.Deadline(); ok {
		release := stop
		longer, stop = context.WithDeadline(longer, deadline)
		context.AfterFunc(longer, release)
	}
	resp, err := f.next.RoundTrip(req.WithContext(longer))
	if err != nil {
		stop()
		return nil, err
	}
	resp.Body = finishedBody{resp.Body, stop}
	return resp, nil
}

// finishedBody releases the context of its request.
type finishedBody struct {
	io.ReadCloser
	stop func()
}

func (b finishedBody) Close() error {
	defer b.stop()
	return b.ReadCloser.Close()
}
