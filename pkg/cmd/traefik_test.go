package cmd_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// startTraefik starts Traefik with the class traefik for Ingresses and Gateways.
// It listens where Pebble looks for answers to HTTP-01 and TLS-ALPN-01.
func startTraefik(t *testing.T, l lab) (httpPort, httpsPort string) {
	t.Helper()
	env := l.Env
	httpPort, httpsPort = env["HTTP01_PORT"], env["TLSALPN_PORT"]
	startTraefikOn(t, l, httpPort, httpsPort)
	return httpPort, httpsPort
}

// startTraefikOn starts it on two ports, of which each listener of a Gateway
// must have one. An Ingress reaches this machine by a Service of type
// ExternalName; a Gateway, which follows none, by an EndpointSlice as in
// routesOfGateway.
func startTraefikOn(t *testing.T, l lab, httpPort, httpsPort string) {
	t.Helper()
	apply(t, l.client(), classesOfTraefik)
	startChild(t, exec.Command(built(t, "lab", "make lab"), "leash", built(t, "lab-traefik", "make -C lab traefik"),
		"--entrypoints.web.address=127.0.0.1:"+httpPort,
		"--entrypoints.websecure.address=127.0.0.1:"+httpsPort, "--entrypoints.websecure.http.tls",
		"--providers.kubernetesingress.allowexternalnameservices", "--providers.kubernetesgateway",
		"--providers.providersthrottleduration=100ms", // by default changes wait for 2 s
		"--global.checknewversion=false", "--global.sendanonymoususage=false"))
	await(t, "Traefik", func() string { return visit("127.0.0.1", "http://nobody.invalid:"+httpPort, notFound) })
}

// classesOfTraefik are those that its Helm chart installs.
const classesOfTraefik = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: traefik}
spec: {controller: traefik.io/ingress-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: traefik}
spec: {controllerName: traefik.io/gateway-controller}
`

// One host in two namespaces: an application, and one permanent answer to all
// HTTP-01 challenges.
const routesOfIngress = `
apiVersion: v1
kind: Service
metadata: {name: app, namespace: shop}
spec: {type: ExternalName, externalName: localhost, ports: [{port: %[1]s}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: app, namespace: shop}
spec:
  ingressClassName: traefik
  tls: [{hosts: [app.example.com], secretName: app-tls}]
  rules: [{host: app.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: app, port: {number: %[1]s}}}}]}}]
---
apiVersion: v1
kind: Service
metadata: {name: responder, namespace: acme}
spec: {type: ExternalName, externalName: localhost, ports: [{port: %[2]s}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: responder, namespace: acme}
spec:
  ingressClassName: traefik
  rules: [{host: app.example.com, http: {paths: [{path: /.well-known/acme-challenge/, pathType: Prefix, backend: {service: {name: responder, port: {number: %[2]s}}}}]}}]
`

// The same with a Gateway. Endpoints must not have a loopback address, but a
// name may look like one.
const routesOfGateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec:
  gatewayClassName: traefik
  listeners:
  - {name: http, protocol: HTTP, port: %[3]s, allowedRoutes: {namespaces: {from: All}}}
  - {name: https, protocol: HTTPS, port: %[4]s, hostname: app.example.com, tls: {mode: Terminate, certificateRefs: [{name: app-tls}]}}
---
apiVersion: v1
kind: Service
metadata: {name: app, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: app, namespace: shop, labels: {kubernetes.io/service-name: app}}
addressType: FQDN
endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
ports: [{port: %[1]s}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: app, namespace: shop}
spec:
  hostnames: [app.example.com]
  parentRefs: [{name: public}]
  rules: [{backendRefs: [{name: app, port: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: responder, namespace: acme}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: responder, namespace: acme, labels: {kubernetes.io/service-name: responder}}
addressType: FQDN
endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
ports: [{port: %[2]s}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: responder, namespace: acme}
spec:
  hostnames: [app.example.com]
  parentRefs: [{name: public, namespace: shop, sectionName: http}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /.well-known/acme-challenge/}}]
    backendRefs: [{name: responder, port: 80}]
`

func TestLiveTraefikIngress(t *testing.T) { testTraefik(t, routesOfIngress) }
func TestLiveTraefikGateway(t *testing.T) { testTraefik(t, routesOfGateway) }

// testTraefik: a real controller serves one host from two namespaces, and with
// the certificate that the Secret holds now.
func testTraefik(t *testing.T, routes string) {
	built(t, "lab-traefik", "make -C lab traefik") // or skip before anything starts
	l := startLab(t)
	client := l.client()
	makeNamespaces(t, client, "acme", "shop")
	httpPort, httpsPort := startTraefik(t, l)
	before := makeTLS(t, client, "shop", "app-tls", "app.example.com")
	apply(t, client, fmt.Sprintf(routes, hostServer(t, "app"), hostServer(t, "responder"), httpPort, httpsPort))

	for url, want := range map[string]string{
		"http://app.example.com:" + httpPort + "/.well-known/acme-challenge/token":   "200 responder: app.example.com/.well-known/acme-challenge/token",
		"http://app.example.com:" + httpPort + "/.well-known/security.txt":           "200 app: app.example.com/.well-known/security.txt",
		"https://app.example.com:" + httpsPort + "/tea":                              "200 app: app.example.com/tea",
		"http://other.example.com:" + httpPort + "/.well-known/acme-challenge/token": notFound,
	} {
		awaitVisit(t, url, want)
	}
	awaitCertificate(t, httpsPort, "app.example.com", before)
	after := makeTLS(t, client, "shop", "app-tls", "app.example.com")
	awaitCertificate(t, httpsPort, "app.example.com", after)
}

// TestLiveTraefikRun: the routes that are generated lead Pebble's question
// through Traefik to the responder of a run, which writes nothing but the
// Secret; Traefik then serves the certificate.
func TestLiveTraefikRun(t *testing.T) {
	built(t, "lab-traefik", "make -C lab traefik")
	s := startIssuing(t)
	s.names("shop.example.com", "gate.example.com")
	httpPort, httpsPort := startTraefik(t, s.lab)
	port := freePort(t)
	file := s.file("traefik", "{http01: {}}", fmt.Sprintf("responder: {port: %s, default: true}\nexpose:\n%s", port, expose("shop", "traefik", "shop.example.com")))
	certs(t, 0, "generate", "-f", file)
	certs(t, 0, "apply", "-k", filepath.Join(s.dir, "overlays", "default"))
	// There are no pods here: the responder's Service leads to this machine.
	service := schema.GroupVersionResource{Version: "v1", Resource: "services"}
	patch := []byte(`{"spec": {"type": "ExternalName", "externalName": "localhost", "clusterIP": "", "clusterIPs": null, "selector": null}}`)
	if _, err := s.client.Resource(service).Namespace("kubectl-certs").Patch(t.Context(), "certs-responder", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, "the route at Traefik", func() string {
		if visit("127.0.0.1", "http://shop.example.com:"+httpPort+"/.well-known/acme-challenge/x", notFound) == "" {
			return "is not there"
		}
		return ""
	})
	before := s.everything()
	out, talk := certs(t, 0, "run", "--once", "-A", "--listen", "127.0.0.1:"+port)
	if !strings.Contains(out, "http-01 static") {
		t.Errorf("the run says\n%s%s", out, talk)
	}
	s.issued("shop-tls", "shop.example.com")
	if after := s.everything(); after != before {
		t.Errorf("the run leaves more than Secrets: before %s, after %s", before, after)
	}
	await(t, "the certificate at Traefik", func() string {
		conn, err := tls.Dial("tcp", "127.0.0.1:"+httpsPort, &tls.Config{ServerName: "shop.example.com", RootCAs: s.pebble})
		if err != nil {
			return err.Error()
		}
		conn.Close()
		return ""
	})
}

// everything counts the objects that a solver could be made of.
func (s issuing) everything() string {
	s.t.Helper()
	var counts []string
	for _, kind := range []schema.GroupVersionResource{
		podsOf, {Version: "v1", Resource: "services"}, {Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"},
	} {
		list, err := s.client.Resource(kind).List(s.t.Context(), metav1.ListOptions{})
		if err != nil {
			s.t.Fatal(err)
		}
		counts = append(counts, fmt.Sprintf("%d %s", len(list.Items), kind.Resource))
	}
	return strings.Join(counts, ", ")
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
