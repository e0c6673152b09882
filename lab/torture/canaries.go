package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

var all struct {
	once     sync.Once
	commands []usage
}

// tryCanaries runs one command on input that has secrets at right and wrong
// places, none of which it may show. The list of commands is that of the help.
func tryCanaries(t *trial) {
	all.once.Do(func() { all.commands = t.commands("") })
	u := all.commands[t.index%len(all.commands)]
	live := t.lab != nil && t.IntN(2) == 0
	kubeconfig := "kubeconfig"
	namespace := "shop"
	if live {
		namespace, kubeconfig = t.namespace()
		t.secrets = append(t.secrets, t.lab.token)
	} else {
		t.write("kubeconfig", t.deadCluster())
	}
	t.plant(namespace)
	if live {
		t.plantInCluster(namespace)
	}
	files := t.listing()
	for range 3 {
		c := command{args: t.arguments(u), limit: 3 * t.limit, spare: cache, writes: true, stdin: t.certsYAML(namespace)}
		c.env = []string{"KUBECONFIG=" + kubeconfig, "TORTURE_TOKEN=" + t.secret(), "SSH_AUTH_SOCK=" + t.secret()}
		if u.path == "run" && !strings.Contains(strings.Join(c.args, " "), "--once") {
			c.signal, c.after = os.Signal(syscall.SIGTERM), 3*time.Second
		}
		t.run(c)
	}
	t.checkWritten(files)
}

// deadCluster is a kubeconfig of a server that is not there.
func (t *trial) deadCluster() string {
	key, _ := t.keyPair()
	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: x
contexts: [{name: x, context: {cluster: x, user: u, namespace: shop}}]
clusters: [{name: x, cluster: {server: "https://user:%s@127.0.0.1:1/%s", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {%s}}]
`, t.secret(), "path", pick(t.Rand, []string{
		"token: " + t.secret(), "username: a, password: " + t.secret(), "client-key-data: " + base64.StdEncoding.EncodeToString([]byte(key)) + ", client-certificate-data: eA==",
		"token: \"a\\n" + t.secret() + "\"", "tokenFile: /nonexistent, token: " + t.secret(),
		"exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: /nonexistent/x, args: [a], env: [{name: T, value: " + t.secret() + "}]}",
	}))
}

// keyPair makes a key that no output may show, and a certificate of it.
func (t *trial) keyPair() (key, certificate string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	must(err)
	key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	t.secrets = append(t.secrets, keyBodies([]byte(key))...)
	return key, string(t.corpus.trust["one.pem"])
}

// plant writes input with secrets.
func (t *trial) plant(namespace string) {
	key, certificate := t.keyPair()
	indented := "\n    " + strings.ReplaceAll(strings.TrimSpace(key), "\n", "\n    ")
	code := base64.StdEncoding.EncodeToString
	t.write("key.pem", key)
	t.write("both.pem", certificate+key)
	t.write("ca.pem", certificate)
	t.write("password.txt", t.secret())
	t.write(".env", "TOKEN="+t.secret())
	t.write("store.p12", string(t.corpus.trust["store-with-key.p12"]))
	t.write("app/secrets.yaml", fmt.Sprintf(`apiVersion: v1
kind: Secret
metadata:
  name: a-tls
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"x":"%s"}}'}
type: kubernetes.io/tls
data: {tls.crt: %s, tls.key: %s}
---
apiVersion: v1
kind: Secret
metadata: {name: b}
stringData:
  password: %s
  key: |%s
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: c}, data: {x: %s, y: 7}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: wrong}
data:
  tls.key: |%s
  ca.crt: |%s
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: web}
spec: {ca: {secretName: a-tls}, vault: {auth: {tokenSecretRef: {name: b}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {cert-manager.io/issuer: web}}
spec: {tls: [{hosts: [a.example.com], secretName: a-tls}], rules: [{host: a.example.com}]}
`, t.secret(), code([]byte(certificate)), code([]byte(key)), t.secret(), indented, code([]byte(t.secret())), indented, indented))
	t.write("app/kustomization.yaml", "resources: [secrets.yaml]\nnamespace: "+namespace+"\nsecretGenerator: [{name: g, literals: [\"p="+t.secret()+"\"]}]\n")
	t.write("old/secrets.yaml", fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: %s}\nstringData: {password: %s, gone: %s}\n", namespace, t.secret(), t.secret()))
	t.write("certs.yaml", t.certsYAML(namespace))
	t.write("rotation.yaml", "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: corp}\nold: [both.pem]\nnew: [ca.pem]\nbundle: key.pem\nlocations: [secret/"+namespace+"/a-tls]\n")
}

// certsYAML is a certs.yaml that trusts files with keys.
func (t *trial) certsYAML(namespace string) string {
	return fmt.Sprintf(`apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: canary}
issuers:
- {name: web, ca: {secretName: a-tls}}
expose:
- {name: a, namespace: %s, host: a.example.com, className: traefik, issuer: web, routes: [{path: /, service: s, port: 80}]}
trust:
- {name: corp, from: [%s], to: {configmap: {namespaces: [%s]}}}
environments: [{name: prod}]
`, namespace, pick(t.Rand, []string{"ca.pem", "both.pem", "key.pem", "app/secrets.yaml", "password.txt", "store.p12"}), namespace)
}

// plantInCluster makes Secrets in a namespace.
func (t *trial) plantInCluster(namespace string) {
	key, certificate := t.keyPair()
	code := base64.StdEncoding.EncodeToString
	path := "/api/v1/namespaces/" + namespace + "/secrets"
	t.lab.call("POST", path, fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: a-tls}, type: kubernetes.io/tls, data: {tls.crt: %s, tls.key: %s}}", code([]byte(certificate)), code([]byte(key))))
	t.lab.call("POST", path, fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: b}, stringData: {password: %s, ca.crt: %s}}", t.secret(), t.secret()))
	t.lab.call("POST", path, fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: web-account-key}, stringData: {tls.key: %q}}", key))
}

// arguments makes a command line from what the usage of a command says.
func (t *trial) arguments(u usage) []string {
	args := strings.Fields(u.path)
	sources := []string{"app", "old", "key.pem", "both.pem", "ca.pem", "store.p12", "password.txt", "app/secrets.yaml", "old/secrets.yaml", ".", "*.pem", "-", ".env", "kubeconfig", "nowhere", "../home"}
	positional := func() {
		for range 1 + t.IntN(2) {
			args = append(args, pick(t.Rand, sources))
		}
	}
	switch words := u.arguments; {
	case strings.Contains(words, "bash|zsh"):
		args = append(args, pick(t.Rand, []string{"bash", "zsh", "fish", "powershell", "kubectl", "nosuch"}))
	case strings.Contains(words, "A B"):
		if t.IntN(2) == 0 {
			args = append(args, pick(t.Rand, sources), pick(t.Rand, sources))
		}
	case strings.Contains(words, "AZ-ARGUMENTS"):
		args = append(args, "-g", "rg", "--name", "n")
	case strings.Contains(words, "SECRET"):
		args = append(args, pick(t.Rand, []string{"a-tls", "b", "nosuch"}))
	case strings.HasPrefix(words, "["):
		if t.IntN(2) == 0 {
			positional()
		}
	case words != "":
		positional()
	}
	return append(args, t.someFlags(u)...)
}

// someFlags chooses values for some of a command's flags.
func (t *trial) someFlags(u usage) []string {
	var args []string
	maybe := func(flag string, of int, values ...string) {
		if _, ok := u.flags[flag]; !ok || t.IntN(of) > 0 {
			return
		}
		args = append(args, "--"+flag)
		if len(values) > 0 {
			args = append(args, pick(t.Rand, values))
		}
	}
	if what, ok := u.flags["output"]; ok {
		var formats []string
		for _, format := range []string{"wide", "json", "yaml", "github", "markdown", "name", "pem", "table"} {
			if strings.Contains(what, format) {
				formats = append(formats, format)
			}
		}
		if len(formats) > 0 {
			maybe("output", 2, formats...)
		}
	}
	maybe("filename", 2, "certs.yaml", "app/secrets.yaml", "key.pem", "rotation.yaml", "-", "password.txt", "kubeconfig")
	maybe("file", 1, "both.pem", "ca.pem", "key.pem", "store.p12", "app/secrets.yaml")
	maybe("kustomize", 3, "app", "old", ".")
	maybe("nodepool", 2, "np")
	maybe("password-file", 3, "password.txt", "key.pem")
	maybe("live", 2)
	maybe("prune", 3)
	maybe("check", 3)
	maybe("retired", 3)
	maybe("with", 3, "both.pem", "key.pem")
	maybe("in", 3, "corp", "secret/shop/a-tls", "configmap/*/corp")
	maybe("environment", 3, "prod", "nosuch")
	if u.path == "apply" {
		maybe("dry-run", 2, "server")
	} else {
		maybe("dry-run", 2)
	}
	maybe("once", 1)
	return args
}

// checkWritten checks that no file that a command wrote has a secret.
func (t *trial) checkWritten(before map[string]string) {
	for name, what := range t.listing() {
		if before[name] == what || strings.HasPrefix(what, "d") || name == "violations.txt" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(t.top, name))
		must(err)
		for _, secret := range t.secrets {
			if shows(string(data), secret) {
				t.fail("secret written", "%s holds %s", name, secret)
			}
		}
	}
}
