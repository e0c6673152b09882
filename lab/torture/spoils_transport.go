package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// transports spoil the connection.
func transports() []spoil {
	self := func(name, phases string, reply func(w http.ResponseWriter, r *http.Request, a *answer)) spoil {
		return spoil{name: name, phases: phases, answer: func(_ *front, w http.ResponseWriter, r *http.Request, a *answer) bool {
			reply(w, r, a)
			return true
		}}
	}
	shake := func(name string, handshake func(*front) (*tls.Config, error)) spoil {
		return spoil{name: name, phases: "tls", handshake: handshake}
	}
	return []spoil{
		self("an endless body", answers, func(w http.ResponseWriter, r *http.Request, _ *answer) { drip(w, r, strings.Repeat(" ", 1<<16), 0) }),
		self("an endless text", answers, func(w http.ResponseWriter, r *http.Request, _ *answer) {
			_, _ = io.WriteString(w, `{"status": "`)
			drip(w, r, strings.Repeat("x", 1<<16), 0)
		}),
		self("a slow body", answers, func(w http.ResponseWriter, r *http.Request, _ *answer) { drip(w, r, " ", time.Second) }),
		self("no answer", answers, func(_ http.ResponseWriter, r *http.Request, _ *answer) { <-r.Context().Done() }),
		self("a reset", answers, func(http.ResponseWriter, *http.Request, *answer) { panic(http.ErrAbortHandler) }),
		self("gzip of rubbish", answers, func(w http.ResponseWriter, _ *http.Request, a *answer) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "no gzip")
		}),
		self("a gzip bomb", answers, func(w http.ResponseWriter, _ *http.Request, _ *answer) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			for range 1 << 10 {
				_, _ = z.Write(make([]byte, 1<<20))
			}
			_ = z.Close()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b.Bytes())
		}),
		self("a wrong length", answers, func(w http.ResponseWriter, _ *http.Request, a *answer) {
			w.Header().Set("Content-Length", fmt.Sprint(len(a.body)+10_000))
			_, _ = w.Write(a.body)
		}),
		self("large headers", answers, func(w http.ResponseWriter, _ *http.Request, a *answer) {
			for i := range 300 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 8<<10))
			}
			_, _ = w.Write(a.body)
		}),
		self("an odd content type", answers, func(w http.ResponseWriter, _ *http.Request, a *answer) {
			w.Header().Set("Content-Type", "text/html; charset=utf-7")
			w.WriteHeader(a.code)
			_, _ = w.Write(a.body)
		}),
		shake("a refused handshake", func(*front) (*tls.Config, error) { return nil, errors.New("no") }),
		shake("a foreign certificate", func(*front) (*tls.Config, error) {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			must(err)
			template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{"other"}, NotAfter: time.Now().Add(time.Hour)}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			must(err)
			return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
		}),
		shake("no certificate", func(*front) (*tls.Config, error) { return &tls.Config{}, nil }),
	}
}

// drip writes until the client has enough, or for a minute.
func drip(w http.ResponseWriter, r *http.Request, text string, wait time.Duration) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && r.Context().Err() == nil; time.Sleep(wait) {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
}
