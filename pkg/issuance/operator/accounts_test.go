package operator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// ca is an account that is open.
type ca struct{ issuance.CA }

// dialer counts how often an account is opened.
type dialer struct {
	takes  time.Duration
	result func(dial int) error
	dials  int
	// replaced is whether the issuer's Secret has another key by now.
	replaced bool
}

func (d *dialer) dial() (issuance.CA, error) {
	d.dials++
	n := d.dials
	time.Sleep(d.takes)
	if d.result == nil {
		return ca{}, nil
	}
	return ca{}, d.result(n)
}

// opener opens accounts that keep their key.
func (d *dialer) opener() opener {
	return opener{dial: d.dial, hasKey: func(issuance.CA) bool { return !d.replaced }}
}

func acmeIssuer(server string) issuance.Issuer {
	i := issuance.Issuer{Kind: "Issuer", Namespace: "shop", Name: "acme"}
	i.Spec.ACME = &cmacme.ACMEIssuer{Server: server}
	return i
}

func TestAccountIsSharedByConcurrentCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, d := &accounts{}, &dialer{takes: time.Second}
		results := make(chan error, 10)
		for range cap(results) {
			go func() {
				_, err := a.open(t.Context(), acmeIssuer("https://ca.example"), d.opener())
				results <- err
			}()
		}
		for range cap(results) {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if d.dials != 1 {
			t.Errorf("opened %d times", d.dials)
		}
	})
}

// TestAccountRetry: a failure is kept for a minute; after that the next caller retries.
func TestAccountRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := errors.New("failed")
		a, d := &accounts{}, &dialer{takes: time.Second, result: func(dial int) error {
			if dial == 1 {
				return failed
			}
			return nil
		}}
		open := func() error {
			_, err := a.open(t.Context(), acmeIssuer("https://ca.example"), d.opener())
			return err
		}
		for _, tt := range []struct {
			wait  time.Duration
			err   error
			dials int
		}{
			{0, failed, 1},
			{0, failed, 1},
			{retryAccount - time.Nanosecond, failed, 1},
			{time.Nanosecond, nil, 2},
			{24 * time.Hour, nil, 2}, // an open one stays open
		} {
			time.Sleep(tt.wait)
			if err := open(); err != tt.err || d.dials != tt.dials {
				t.Errorf("after %s: %v and %d dials, want %v and %d", tt.wait, err, d.dials, tt.err, tt.dials)
			}
		}
	})
}

// TestReplacedAccountKey: the account of a replaced key is used for at most credentialsMaxAge.
func TestReplacedAccountKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, d := &accounts{}, &dialer{takes: time.Second}
		for _, tt := range []struct {
			wait     time.Duration
			replaced bool
			dials    int
		}{
			{0, false, 1},
			{credentialsMaxAge, false, 1},
			{0, true, 1}, // it was compared just now
			{credentialsMaxAge, true, 2},
			{0, false, 2},
		} {
			time.Sleep(tt.wait)
			d.replaced = tt.replaced
			if _, err := a.open(t.Context(), acmeIssuer("https://ca.example"), d.opener()); err != nil || d.dials != tt.dials {
				t.Errorf("after %s, replaced %t: %v and %d dials, want %d", tt.wait, tt.replaced, err, d.dials, tt.dials)
			}
		}
	})
}

func TestChangedIssuerIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, d := &accounts{}, &dialer{}
		for i, server := range []string{"https://one.example", "https://two.example", "https://two.example"} {
			if _, err := a.open(t.Context(), acmeIssuer(server), d.opener()); err != nil || d.dials != min(i+1, 2) {
				t.Errorf("%s: %v, %d dials", server, err, d.dials)
			}
		}
	})
}

// TestCanceledCallerEndsOnlyItsWait: the end of a caller's context ends its wait only.
func TestCanceledCallerEndsOnlyItsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, d := &accounts{}, &dialer{takes: time.Minute}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := a.open(ctx, acmeIssuer("https://ca.example"), d.opener()); err != context.DeadlineExceeded {
			t.Errorf("error %v", err)
		}
		start := time.Now()
		if _, err := a.open(t.Context(), acmeIssuer("https://ca.example"), d.opener()); err != nil || d.dials != 1 {
			t.Errorf("%v, %d dials", err, d.dials)
		}
		if waited := time.Since(start); waited != 59*time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestPanicWhileOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := (&accounts{}).open(t.Context(), acmeIssuer("https://ca.example"), opener{dial: func() (issuance.CA, error) { panic("boom") }})
		if err == nil || !strings.HasPrefix(err.Error(), "panic with a value of type string") {
			t.Errorf("error %v", err)
		}
	})
}
