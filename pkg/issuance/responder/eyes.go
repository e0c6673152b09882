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

// See asks for the answer to an HTTP-01 challenge as a CA does: over plain HTTP
// first, redirects followed, certificates not looked at. Its error says what
// was there instead.
func See(ctx context.Context, c issuance.Challenge) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+hostOf(c.Name)+Path+c.Token, nil)
	if err != nil {
		return err
	}
	answer, err := looker.Do(q)
	if err != nil {
		return fmt.Errorf("the challenge of %s cannot be seen from here: %w", c.Name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1024))
	if err != nil {
		return fmt.Errorf("the challenge of %s cannot be read from here: %w", c.Name, err)
	}
	if answer.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != c.KeyAuthorization {
		return fmt.Errorf("%s answers %s: %w", answer.Request.URL, answer.Status, errAnswer)
	}
	return nil
}

var looker = &http.Client{
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

// errAnswer is an answer that is not the challenge's.
var errAnswer = errors.New("not the challenge")

// Eyes look at challenges the way a CA does, from where this process is. A
// route that was made a moment ago takes its controller some seconds, and a
// look of the CA that fails counts against its limits. Where names do not lead
// anywhere from here, they soon look no more.
type Eyes struct {
	blind atomic.Int32 // looks in a row that met nobody
}

const (
	// glance is how long one look may take, and settling how long a route that
	// answers wrongly is waited for.
	glance   = 2 * time.Second
	settling = 15 * time.Second
	// tired is after how many looks in vain none is tried any more.
	tired = 3
)

// await returns when a challenge is answered, or when there is no use in
// looking on: the CA may see what is not seen from here.
func (e *Eyes) await(ctx context.Context, c issuance.Challenge) {
	deadline := time.Now().Add(settling)
	for e.blind.Load() < tired && time.Now().Before(deadline) && ctx.Err() == nil {
		look, stop := context.WithTimeout(ctx, glance)
		err := See(look, c)
		stop()
		if err == nil {
			e.blind.Store(0)
			return
		}
		if !errors.Is(err, errAnswer) {
			e.blind.Add(1)
			return
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
