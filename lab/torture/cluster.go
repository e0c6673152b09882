package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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

// startLab starts the lab. Pebble takes any challenge for answered: how names
// are proved is not part of this.
func (h *harness) startLab() error {
	if _, err := os.Stat(h.options.lab); err != nil {
		return fmt.Errorf("%w; make lab builds it", err)
	}
	c := &cluster{env: map[string]string{}}
	c.cmd = exec.Command(h.options.lab, "up", "--foreground", "--dir", filepath.Join(h.work, "lab"), "--crds", "cert-manager,gateway-api,nginx")
	c.cmd.Env = append(os.Environ(), "PEBBLE_VA_ALWAYS_VALID=1")
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if c.leash, err = c.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := c.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for c.env["TSIG_SECRET"] == "" && lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		c.env[key] = strings.Trim(value, "'")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	h.lab = c
	return c.connect()
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

// namespace makes a namespace of the case, and a kubeconfig in which it is the
// default.
func (t *trial) namespace() (name, kubeconfig string) {
	name = fmt.Sprintf("t-%x", t.seed)
	t.lab.call("DELETE", "/api/v1/namespaces/"+name, "") // there is none unless the case is repeated on one lab
	if code, body := t.lab.call("POST", "/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: "+name+"}}"); code != http.StatusCreated {
		panic(fmt.Sprintf("create namespace: %d %s", code, body))
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: lab
contexts: [{name: lab, context: {cluster: lab, user: admin, namespace: %s}}]
clusters: [{name: lab, cluster: {server: "%s", certificate-authority-data: %s}}]
users: [{name: admin, user: {token: "%s"}}]
`, name, t.lab.env["KUBE_SERVER"], base64.StdEncoding.EncodeToString(t.lab.authority), t.lab.token)
	return name, filepath.Join(t.dir, t.write("kubeconfig", text))
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

// issued checks the TLS Secrets of a namespace: a name that is wanted has none,
// unless all must be there, or a good one, and there are no others.
func (t *trial) issued(namespace string, wanted map[string]string, all bool) {
	for _, s := range t.lab.secretsIn(namespace) {
		host, ok := wanted[s.Metadata.Name]
		delete(wanted, s.Metadata.Name)
		switch {
		case s.Type == "kubectl-certs.dev/order" && all:
			t.fail("order left behind", "Secret %s", s.Metadata.Name)
		case s.Type != "kubernetes.io/tls":
		case !ok:
			t.fail("Secret that was not requested", "Secret %s", s.Metadata.Name)
		default:
			if err := t.lab.valid(s, host, all); err != nil {
				t.fail("wrong Secret", "Secret %s for %s: %v\n%s", s.Metadata.Name, host, err, s.Data["tls.crt"])
			}
		}
	}
	if all {
		for name := range wanted {
			t.fail("Secret missing after a run that succeeds", "Secret %s", name)
		}
	}
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

// requested is a certs.yaml with an issuer at an ACME server and hosts, and the
// Secrets that it asks for.
func (t *trial) requested(namespace, directory string, authority []byte, hosts int) (text string, wanted map[string]string) {
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: %s}
issuers:
- {name: ca, kind: Issuer, namespace: %[1]s, acme: {server: %q, caBundle: %s, solvers: [{http01: {}}]}}
expose:
`, namespace, directory, base64.StdEncoding.EncodeToString(authority))
	wanted = map[string]string{}
	for i := range hosts {
		name := fmt.Sprintf("h%d", i)
		wanted[name+"-tls"] = name + "." + namespace + ".example.com"
		fmt.Fprintf(&b, "- {name: %s, namespace: %s, host: %s, className: traefik, issuer: ca, privateKey: {algorithm: ECDSA}, routes: [{path: /, service: s, port: 80}]}\n", name, namespace, wanted[name+"-tls"])
	}
	return b.String(), wanted
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
