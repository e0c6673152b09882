package cmd_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// hostServer is a server outside the cluster that says its name, and which host
// and path of each request. It returns its port.
func hostServer(t *testing.T, name string) (port string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.Host)
		fmt.Fprintf(w, "%s: %s%s", name, host, r.URL.Path)
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return at.Port()
}

// notFound is what Traefik says where no route leads.
const notFound = "404 404 page not found\n"

// awaitVisit waits until a URL is answered so. All hosts are taken to be here.
func awaitVisit(t *testing.T, url, want string) {
	t.Helper()
	await(t, url, func() string { return visit("127.0.0.1", url, want) })
}

// visit compares the code and body that a URL yields at an address; of the
// certificate see awaitCertificate.
func visit(ip, url, want string) (amiss string) {
	here := func(ctx context.Context, network, addr string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(ip, port))
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: here, DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	resp, err := client.Get(url)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	if got := fmt.Sprint(resp.StatusCode, " ", string(body)); got != want {
		return fmt.Sprintf("is answered by %q, want %q", got, want)
	}
	return ""
}

// awaitCertificate waits until a host is served with a certificate.
func awaitCertificate(t *testing.T, port, host string, want []byte) {
	t.Helper()
	await(t, "certificate of "+host, func() string {
		conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", "127.0.0.1:"+port,
			&tls.Config{ServerName: host, InsecureSkipVerify: true})
		if err != nil {
			return err.Error()
		}
		defer conn.Close()
		if got := conn.ConnectionState().PeerCertificates[0]; !bytes.Equal(got.Raw, want) {
			return fmt.Sprintf("is served %v by %s, from %s", got.DNSNames, got.Issuer, got.NotBefore)
		}
		return ""
	})
}
