package cmd_test

import (
	"bufio"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startNode starts a node on which pods run, with the image acmesolver, until the
// test ends.
func startNode(t *testing.T, l lab) *exec.Cmd {
	t.Helper()
	bin := nodeBinary(t)
	cmd := exec.Command(bin, "--dir", l.Dir, "--image", "acmesolver="+filepath.Join(filepath.Dir(bin), "lab-acmesolver"))
	cmd.Stderr, cmd.WaitDelay = t.Output(), 10*time.Second // an orphan may hold it open
	leash, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState != nil {
			return // the test has ended it
		}
		leash.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the node: %v", err)
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the node says %q, %v", line, err)
	}
	return cmd
}

// nodeBinary is the program of a node. Few machines can run one, so that the test
// is skipped where this one cannot, unless CERTS_REQUIRE_NODE is set.
func nodeBinary(t *testing.T) string {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join("..", "..", ".bin", "lab-node"))
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(bin, "check").CombinedOutput()
	if err == nil {
		return bin
	}
	if os.Getenv("CERTS_REQUIRE_NODE") != "" {
		t.Fatalf("no node: %v\n%s", err, said)
	}
	t.Skipf("needs a node: make -C lab node, as root: %v %s", err, said)
	return ""
}

// solverPod answers one challenge, behind a Service.
const solverPod = `
apiVersion: v1
kind: Pod
metadata: {name: solver, namespace: default, labels: {app: solver}}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  containers:
  - {name: solver, image: acmesolver, imagePullPolicy: Never, args: [--domain=app.example.com, --token=token, --key=token.thumbprint]}
---
apiVersion: v1
kind: Service
metadata: {name: solver, namespace: default}
spec: {clusterIP: 10.96.80.89, selector: {app: solver}, ports: [{port: 80, targetPort: 8089}]}
`

// TestLiveNodePod: a pod runs and a Service reaches it from here. When the node is
// killed, nothing of either is left, and another can follow.
func TestLiveNodePod(t *testing.T) {
	nodeBinary(t) // or skip before anything starts
	l := startLab(t)
	for range 2 {
		node := startNode(t, l)
		apply(t, l.client(), solverPod)
		await(t, "pod", func() string {
			return visit("10.96.80.89", "http://app.example.com:80/.well-known/acme-challenge/token", "200 token.thumbprint")
		})
		if said, err := exec.Command(node.Path, "--dir", l.Dir).CombinedOutput(); err == nil || string(said) != "error: another node runs on this machine\n" {
			t.Errorf("a second node: %v, %s", err, said)
		}
		node.Process.Kill()
		node.Wait()
		await(t, "end", func() string { return leftOfNode(l) })
	}
}

// leftOfNode are the processes and the wire, if there are any.
func leftOfNode(l lab) string {
	var left []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		args, _ := os.ReadFile(file)
		text := strings.ReplaceAll(string(args), "\x00", " ")
		for _, part := range []string{"inside " + l.Dir, "/mnt/node/", "--token=token"} {
			if strings.Contains(text, part) {
				left = append(left, text)
				break
			}
		}
	}
	if _, err := net.InterfaceByName("lab-node"); err == nil {
		left = append(left, "the wire")
	}
	return strings.Join(left, "; ")
}

const podSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: pods}
issuers:
- name: acme
  acme: {server: %s, caBundle: %s, solvers: [{http01: {}}]}
expose:
- {name: web, namespace: shop, host: web.example.com, className: traefik, issuer: acme, routes: [{path: /, service: s, port: 80}]}
- {name: gw, namespace: shop, as: HTTPRoute, host: gw.example.com, gateway: {name: public, className: traefik}, issuer: acme, routes: [{path: /, service: s, port: 80}]}
`

// TestLiveNodeHTTP01: what we generate is issued by HTTP-01 with everything real:
// cert-manager's solver pods, an Ingress and a Gateway of Traefik that lead to
// them, and a server that looks.
func TestLiveNodeHTTP01(t *testing.T) {
	nodeBinary(t)
	built(t, "lab-traefik", "make -C lab traefik")
	built(t, "lab-cert-manager", "make -C lab cert-manager")
	l := startLab(t)
	env, client := l.Env, l.client()
	makeNamespaces(t, client, "cert-manager", "shop")
	startNode(t, l)
	startTraefikOn(t, l, "80", "443") // cert-manager looks there before Pebble may
	forward(t, env["HTTP01_PORT"], "80")
	startCertManager(t, l)

	ca, err := os.ReadFile(env["ACME_CA"])
	if err != nil {
		t.Fatal(err)
	}
	certs(t, 0, "apply", "-f", write(t, filepath.Join(t.TempDir(), "certs.yaml"),
		fmt.Sprintf(podSpec, env["ACME_DIRECTORY"], base64.StdEncoding.EncodeToString(ca))))
	p := clusterChecks{t, client}
	pebble := roots(t, fetchRoot(t, ca, env["ACME_ROOTS"]))
	for _, name := range []string{"web", "gw"} {
		p.issued(name+"-tls", pebble, name+".example.com")
		leaf, _ := pem.Decode(p.secret("shop", name+"-tls")["tls.crt"])
		awaitCertificate(t, "443", name+".example.com", leaf.Bytes)
	}
}

// forward takes what connects to one port here to another.
func forward(t *testing.T, from, to string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:"+from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				defer conn.Close()
				far, err := net.Dial("tcp", "127.0.0.1:"+to)
				if err != nil {
					return
				}
				defer far.Close()
				go io.Copy(far, conn)
				io.Copy(conn, far)
			}()
		}
	}()
}

// TestLiveNodeRun: a run proves by solver objects of its own, real pods behind
// an Ingress and a Gateway, and leaves none of them; also those that a killed
// run left are gone.
func TestLiveNodeRun(t *testing.T) {
	nodeBinary(t)
	built(t, "lab-traefik", "make -C lab traefik")
	s := startIssuing(t)
	s.names("web.example.com", "gw.example.com", "edit.example.com")
	startNode(t, s.lab)
	startTraefikOn(t, s.lab, "80", "443") // as the Gateway says
	forward(t, s.Env["HTTP01_PORT"], "80")
	text := strings.Replace(podSpec, "{http01: {}}", "{http01: {}, waitInsteadOfSelfCheck: 3s}", 1) +
		"- {name: edit, namespace: shop, host: edit.example.com, className: traefik, issuer: acme, http01: edit-in-place, routes: [{path: /, service: s, port: 80}]}\n"
	file := write(t, filepath.Join(s.dir, "certs.yaml"), fmt.Sprintf(text, s.Env["ACME_DIRECTORY"], s.bundle))
	certs(t, 0, "apply", "-f", file)
	before := s.everything()
	once := []string{"run", "--once", "-A", "--solver-pod-image", "acmesolver", "--leader-elect-lease-duration", "1s"}
	run := background(t, "kubectl-certs", once...)
	await(t, "solver pods", func() string {
		if s.everything() == before {
			return "are not there"
		}
		return ""
	})
	run.Process.Kill()
	run.Wait()
	certs(t, 0, once...)
	s.issued("web-tls", "web.example.com")
	s.issued("gw-tls", "gw.example.com")
	s.issued("edit-tls", "edit.example.com")
	if out, _ := certs(t, 0, "diff", "--live", "-f", file); out != "" {
		t.Errorf("the Ingress that was edited differs\n%s", out)
	}
	await(t, "the end of the solver pods", func() string {
		if after := s.everything(); after != before {
			return fmt.Sprintf("there were %s, and are %s", before, after)
		}
		return ""
	})
}
