package responder

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Check requests the answer to an HTTP-01 challenge as a CA does: over plain HTTP first,
// following redirects, without verifying certificates. Its error describes the answer.
func Check(ctx context.Context, c issuance.Challenge) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+hostOf(c.Name)+Path+c.Token, nil)
	if err != nil {
		return err
	}
	answer, err := checkClient.Do(q)
	if err != nil {
		return fmt.Errorf("self-check of the challenge for %s: %w", c.Name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1024))
	if err != nil {
		return fmt.Errorf("self-check of the challenge for %s: read the answer: %w", c.Name, err)
	}
	if answer.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != c.KeyAuthorization {
		return fmt.Errorf("%s answers %s: %w", answer.Request.URL, answer.Status, errAnswer)
	}
	return nil
}

var checkClient = &http.Client{
	Timeout: 10 * time.Second,
	Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // as CAs do for HTTP-01
		DisableKeepAlives: true,
	},
}

func hostOf(name string) string {
	if strings.Contains(name, ":") {
		return "[" + name + "]"
	}
	return name
}

// errAnswer is an answer other than the challenge's.
var errAnswer = errors.New("not the key authorization")

// SelfCheck checks challenges as the CA does, from this process. A controller takes some seconds to
// apply a new route, and a failed validation counts against the CA's limits. After some checks
// without a connection it stops checking.
type SelfCheck struct {
	unreachable atomic.Int32 // consecutive checks without a connection
}

const (
	// checkTimeout is the timeout of one check; settleTime is how long a wrong answer is checked again.
	checkTimeout = 2 * time.Second
	settleTime   = 15 * time.Second
	// maxUnreachable is the number of failed checks after which none are made.
	maxUnreachable = 3
)

// await returns when a challenge is answered correctly, or when more checks are pointless: the
// CA may reach a host that this process cannot.
func (e *SelfCheck) await(ctx context.Context, c issuance.Challenge) {
	deadline := time.Now().Add(settleTime)
	for e.unreachable.Load() < maxUnreachable && time.Now().Before(deadline) && ctx.Err() == nil {
		checkCtx, stop := context.WithTimeout(ctx, checkTimeout)
		err := Check(checkCtx, c)
		stop()
		if err == nil {
			e.unreachable.Store(0)
			return
		}
		if !errors.Is(err, errAnswer) {
			e.unreachable.Add(1)
			return
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
