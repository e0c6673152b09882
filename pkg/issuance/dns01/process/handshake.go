package process

import (
	"context"
	"errors"
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
)

// reportedError is an error of the provider, not of its process.
type reportedError string

func (e reportedError) Error() string { return string(e) }

// ask is call with the error of the answer, and with a subject for the errors of the process.
func (c *child) ask(ctx context.Context, r Request) (Response, error) {
	answer, err := c.call(ctx, r)
	switch {
	case err == nil && answer.Error != "":
		return answer, reportedError(answer.Error)
	case errors.Is(err, ErrTooLong):
		return answer, fmt.Errorf("%s exceeds %d bytes, the limit of its process", r.Method, maxLine)
	case err != nil && ctx.Err() == nil:
		return answer, fmt.Errorf("during %s, its process %w", r.Method, err)
	}
	return answer, err
}

// handshake checks the protocol version and creates the provider.
func (c *child) handshake(ctx context.Context, name string, variables map[string][]byte) (dns01.Traits, error) {
	var none dns01.Traits
	answer, err := c.ask(ctx, Request{Method: Hello, Version: Version})
	if err != nil {
		return none, err
	}
	if answer.Version != Version {
		return none, fmt.Errorf("its process has protocol version %d, not %d: the program was replaced while it ran; restart it", answer.Version, Version)
	}
	if _, err := c.ask(ctx, Request{Method: Make, Provider: name, Variables: variables}); err != nil {
		return none, err
	}
	answer, err = c.ask(ctx, Request{Method: Timeout})
	if err != nil || answer.Traits == nil {
		return none, err
	}
	return *answer.Traits, nil
}
