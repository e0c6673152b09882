package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"net/http"
	"time"
)

// chains spoil the certificate.
func chains() []spoil {
	body := func(name string, change func(f *front, chain []byte) []byte) spoil {
		return spoil{name: name, phases: "certificate", answer: func(f *front, _ http.ResponseWriter, _ *http.Request, a *answer) bool {
			a.body = change(f, a.body)
			return false
		}}
	}
	signed := func(name string, change func(c *x509.Certificate, public *any)) spoil {
		return body(name, func(f *front, chain []byte) []byte { return append(f.sign(change), chain...) })
	}
	blocks := func(chain []byte) [][]byte { return pemBlock.FindAll(chain, -1) }
	return []spoil{
		signed("a certificate of another key", func(_ *x509.Certificate, public *any) {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			must(err)
			*public = key.Public()
		}),
		signed("a certificate for other names", func(c *x509.Certificate, _ *any) { c.DNSNames = []string{"victim.example.com"} }),
		signed("a certificate for more names", func(c *x509.Certificate, _ *any) { c.DNSNames = append(c.DNSNames, "*.example.com") }),
		signed("an expired certificate", func(c *x509.Certificate, _ *any) { c.NotAfter = time.Now().Add(-time.Minute) }),
		signed("a certificate of the future", func(c *x509.Certificate, _ *any) { c.NotBefore = c.NotAfter.Add(-time.Second) }),
		signed("a certificate of a CA", func(c *x509.Certificate, _ *any) { c.IsCA, c.BasicConstraintsValid = true, true }),
		body("an empty chain", func(*front, []byte) []byte { return nil }),
		body("a chain without its leaf", func(_ *front, chain []byte) []byte { return bytes.Join(blocks(chain)[1:], nil) }),
		body("a leaf alone", func(_ *front, chain []byte) []byte { return blocks(chain)[0] }),
		body("a chain in reverse", func(_ *front, chain []byte) []byte {
			b := blocks(chain)
			return append(b[len(b)-1], b[0]...)
		}),
		body("a chain twice", func(_ *front, chain []byte) []byte { return append(chain, chain...) }),
		body("a chain of thousands", func(_ *front, chain []byte) []byte { return bytes.Repeat(chain, 5000) }),
		body("a foreign intermediate", func(f *front, chain []byte) []byte { return append(blocks(chain)[0], f.authority...) }),
		body("a key in the chain", func(_ *front, chain []byte) []byte {
			return append(chain, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"...)
		}),
		body("text around the chain", func(_ *front, chain []byte) []byte { return append([]byte("# \x1b[2J\r\n"), chain...) }),
		body("a damaged chain", func(_ *front, chain []byte) []byte { return bytes.Replace(chain, []byte("MII"), []byte("MIJ"), 1) }),
	}
}
