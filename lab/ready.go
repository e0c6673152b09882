package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/kubectl-certs/kubectl-certs/lab/zone"
)

// wait returns when all of these parts are ready, or one of them has ended, or
// it takes too long.
func (s *State) wait(ctx context.Context, parts ...string) error {
	ctx, stop := context.WithTimeoutCause(ctx, 2*time.Minute, errors.New("two minutes are over"))
	defer stop()
	client, err := s.client()
	if err != nil {
		return err
	}
	for _, part := range parts {
		for {
			reason := s.ready(ctx, client, part)
			if reason == nil {
				break
			}
			if err := s.ended(ctx, part); err != nil {
				return err
			}
			if pause(ctx) != nil {
				return fmt.Errorf("wait for %s: %w; last: %w", part, context.Cause(ctx), reason)
			}
		}
	}
	return nil
}

// Answers is nil when a part that runs answers.
func (s *State) Answers(ctx context.Context, part string) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	return s.ready(ctx, client, part)
}

// ended is an error when a part runs no more.
func (s *State) ended(ctx context.Context, part string) error {
	all, err := s.Status(ctx)
	if err != nil {
		return nil // the supervisor is not there yet, or its end is noticed elsewhere
	}
	for _, st := range all {
		if st.Part == part && !st.Running && st.Exit != "" {
			return fmt.Errorf("%s ended: %s\n%s", part, st.Exit, tail(s.Path("log", part+".log")))
		}
	}
	return nil
}

// ready is nil when a part answers within 5 s. That Pebble serves its directory says nothing about
// its store, which the page about an unknown certificate reads.
func (s *State) ready(ctx context.Context, client *http.Client, part string) error {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	switch part {
	case Etcd:
		return s.get(ctx, client, "http://"+s.Addr(portEtcd)+"/health")
	case Pebble:
		return errors.Join(
			s.get(ctx, client, "https://"+s.Addr(portACME)+"/dir"),
			s.get(ctx, client, "https://"+s.Addr(portManagement)+"/roots/0"),
			s.getMissing(ctx, client, "https://"+s.Addr(portManagement)+"/cert-status-by-serial/0"))
	case DNS:
		_, udp := zone.Ask(ctx, "udp", s.Addr(portDNS), "ready.example.com", dns.TypeA)
		_, tcp := zone.Ask(ctx, "tcp", s.Addr(portDNS), "ready.example.com", dns.TypeA)
		return errors.Join(udp, tcp, s.get(ctx, client, "http://"+s.Addr(portDNSAPI)+"/records"))
	case APIServer:
		server := "https://" + s.Addr(portAPIServer)
		if err := s.get(ctx, client, server+"/readyz"); err != nil {
			return err
		}
		return s.get(ctx, client, server+"/api/v1/namespaces/default") // made after it is ready
	}
	return fmt.Errorf("%s: no such part; there are %s", part, strings.Join(Parts(), ", "))
}

// tail is the end of a log.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
