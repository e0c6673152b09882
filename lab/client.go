package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// client trusts the lab's CA alone and keeps no connection, since parts die.
func (s *State) client() (*http.Client, error) {
	pem, err := os.ReadFile(s.CA())
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true,
	}}, nil
}

// request asks for a page, of the API server as its administrator.
func (s *State) request(ctx context.Context, url string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err == nil && strings.HasPrefix(url, "https://"+s.Addr(portAPIServer)+"/") {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	return req, err
}

// fetch is the body of a page that is there.
func (s *State) fetch(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	return s.fetchStatus(ctx, client, url, http.StatusOK)
}

func (s *State) fetchStatus(ctx context.Context, client *http.Client, url string, status int) ([]byte, error) {
	req, err := s.request(ctx, url)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != status {
		return nil, fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

// getMissing is nil if the server says that a page is not there.
func (s *State) getMissing(ctx context.Context, client *http.Client, url string) error {
	_, err := s.fetchStatus(ctx, client, url, http.StatusNotFound)
	return err
}

func (s *State) get(ctx context.Context, client *http.Client, url string) error {
	_, err := s.fetch(ctx, client, url)
	return err
}
