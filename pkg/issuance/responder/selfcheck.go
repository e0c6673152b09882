package responder

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Checker requests the answers to HTTP-01 challenges as a CA does, from this process. It is safe for
// concurrent use.
type Checker struct {
	// nameServers are those given to NewChecker. local resolves names with them.
	nameServers []string
	local       *net.Resolver
	// public are the name servers of which Explain asks one.
	public []string
	port   string // of the web servers to check
	proxy  func(*http.Request) (*url.URL, error)
	client *http.Client
}

// NewChecker returns a Checker that resolves names with the given recursive name servers, as
// host:port, and connects to the addresses. Without name servers it uses the resolvers of this
// machine and, if HTTP_PROXY is set, the proxy, as cert-manager does.
func NewChecker(nameServers []string) *Checker {
	c := &Checker{nameServers: nameServers, local: net.DefaultResolver, public: publicNameServers, port: "80"}
	if len(nameServers) > 0 {
		c.local = resolverOf(nameServers)
	} else {
		c.proxy = http.ProxyFromEnvironment
	}
	c.client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		Proxy:             c.proxy,
		DialContext:       c.dial,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // as CAs do for HTTP-01
		DisableKeepAlives: true,
	}}
	return c
}

// dial connects as Let's Encrypt does: to an IPv6 address first, and to an IPv4 address if that
// fails. An answer from an IPv6 address counts, even if it is wrong.
func (c *Checker) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if port == "80" {
		port = c.port
	}
	if len(c.nameServers) > 0 && net.ParseIP(host) == nil {
		host = strings.TrimSuffix(host, ".") + "." // CAs have no search domains
	}
	conn, err := (&net.Dialer{Resolver: c.local}).DialContext(ctx, network, net.JoinHostPort(host, port))
	if failed, ok := errors.AsType[*net.DNSError](err); ok && len(c.nameServers) > 0 {
		failed.Server = strings.Join(c.nameServers, " and ") // package net names one of /etc/resolv.conf
	}
	return conn, err
}

// Check requests the answer to a challenge: over plain HTTP first, following redirects, without
// verifying certificates. Its error describes the answer.
func (c *Checker) Check(ctx context.Context, challenge issuance.Challenge) error {
	var from atomic.Value // the address that answers
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { from.Store(info.Conn.RemoteAddr().String()) },
	})
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+hostOf(challenge.Name)+Path+challenge.Token, nil)
	if err != nil {
		return err
	}
	answer, err := c.client.Do(q)
	if err != nil {
		return fmt.Errorf("self-check of the challenge for %s: %w", challenge.Name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1024))
	if err != nil {
		return fmt.Errorf("self-check of the challenge for %s: read the answer: %w", challenge.Name, err)
	}
	if answer.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != challenge.KeyAuthorization {
		return fmt.Errorf("%s at %v answers %s: %w", answer.Request.URL, from.Load(), answer.Status, errAnswer)
	}
	return nil
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
	Checker *Checker
	Log     *slog.Logger

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
// CA may reach a host that this process cannot. An answer that stays wrong is logged.
func (e *SelfCheck) await(ctx context.Context, c issuance.Challenge) {
	deadline := time.Now().Add(settleTime)
	var wrong error
	for e.unreachable.Load() < maxUnreachable && time.Now().Before(deadline) && ctx.Err() == nil {
		checkCtx, stop := context.WithTimeout(ctx, checkTimeout)
		err := e.Checker.Check(checkCtx, c)
		stop()
		if err == nil {
			e.unreachable.Store(0)
			return
		}
		if !errors.Is(err, errAnswer) {
			e.unreachable.Add(1)
			return
		}
		wrong = err
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	if wrong != nil && ctx.Err() == nil {
		e.Log.Warn("the self-check of a challenge failed; the CA may get another answer", "host", c.Name, "error", e.Checker.Explain(ctx, c.Name, wrong))
	}
}
