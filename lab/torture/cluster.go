package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// cluster is a lab that runs for the harness, and ends with it.
type cluster struct {
	env        map[string]string
	kubeconfig string
	token      string
	authority  []byte         // of the API server's and Pebble's own certificates
	pebble     *x509.CertPool // what Pebble issues by
	client     *http.Client
	cmd        *exec.Cmd
	leash      io.Closer
}

func (c *cluster) stop() {
	c.leash.Close()
	_ = c.cmd.Wait() // its end is all that matters
}

func (c *cluster) connect() error {
	var err error
	c.kubeconfig = c.env["KUBECONFIG"]
	kubeconfig, err := os.ReadFile(c.kubeconfig)
	if err != nil {
		return fmt.Errorf("the lab did not start: %w", err)
	}
	token := regexp.MustCompile(`token: (\S+)`).FindSubmatch(kubeconfig)
	if token == nil {
		return fmt.Errorf("no token in %s", c.kubeconfig)
	}
	c.token = string(token[1])
	if c.authority, err = os.ReadFile(c.env["ACME_CA"]); err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.authority)
	c.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	answer, err := c.client.Get(c.env["ACME_ROOTS"])
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	root, err := io.ReadAll(answer.Body)
	c.pebble = x509.NewCertPool()
	c.pebble.AppendCertsFromPEM(root)
	return err
}

// call calls the API server.
func (c *cluster) call(method, path, body string) (int, []byte) {
	q, err := http.NewRequest(method, c.env["KUBE_SERVER"]+path, strings.NewReader(body))
	must(err)
	q.Header.Set("Authorization", "Bearer "+c.token)
	q.Header.Set("Content-Type", "application/yaml")
	answer, err := c.client.Do(q)
	must(err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	must(err)
	return answer.StatusCode, data
}

// secret of Kubernetes, as far as cases look at it.
type secret struct {
	Metadata struct{ Name string }
	Type     string
	Data     map[string][]byte
}

func (c *cluster) secretsIn(namespace string) []secret {
	code, body := c.call("GET", "/api/v1/namespaces/"+namespace+"/secrets", "")
	var list struct{ Items []secret }
	if err := json.Unmarshal(body, &list); err != nil || code != http.StatusOK {
		panic(fmt.Sprintf("list Secrets: %d %v", code, err))
	}
	return list.Items
}

// valid checks key, names and chain. Where the server may have misbehaved, the
// chain may end anywhere: a client has no list of roots.
func (c *cluster) valid(s secret, host string, strict bool) error {
	pair, err := tls.X509KeyPair(s.Data["tls.crt"], s.Data["tls.key"])
	if err != nil {
		return err
	}
	between := x509.NewCertPool()
	for i, der := range pair.Certificate[1:] {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		before, err := x509.ParseCertificate(pair.Certificate[i])
		if err != nil {
			return err
		}
		if !bytes.Equal(before.RawIssuer, cert.RawSubject) {
			return fmt.Errorf("the chain is out of order at certificate %d", i+1)
		}
		between.AddCert(cert)
	}
	// A CA may add names; Pebble does not.
	if names := pair.Leaf.DNSNames; !slices.Contains(names, host) || strict && len(names) > 1 {
		return fmt.Errorf("is for %q", names)
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: c.pebble, Intermediates: between, DNSName: host})
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) && !strict {
		return nil
	}
	return err
}

// keysIn are lines of all private keys in the Secrets of a namespace.
func (c *cluster) keysIn(namespace string) []string {
	bodies := []string{c.token}
	for _, s := range c.secretsIn(namespace) {
		for _, data := range s.Data {
			bodies = append(bodies, keyBodies(data)...)
		}
	}
	return bodies
}

// cache says whether a file is one that client-go keeps of what a server knows.
func cache(name string) bool {
	return strings.HasPrefix(name, "home/.kube") || name == "home"
}

// acmeURL is the address of Pebble's directory.
func (c *cluster) acmeURL() *url.URL {
	u, err := url.Parse(c.env["ACME_DIRECTORY"])
	must(err)
	return u
}
