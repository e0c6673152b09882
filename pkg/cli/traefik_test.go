package cli_test

import (
	"fmt"
	"os/exec"
	"testing"
)

// startTraefik starts Traefik with the class traefik for Ingresses and Gateways.
// It listens where Pebble looks for answers to HTTP-01 and TLS-ALPN-01; a
// listener of a Gateway must have one of these ports. An Ingress reaches this
// machine by a Service of type ExternalName; a Gateway, which follows none, by
// an EndpointSlice as in routesOfGateway.
func startTraefik(t *testing.T, l lab) (httpPort, httpsPort string) {
	t.Helper()
	env := l.Env
	httpPort, httpsPort = env["HTTP01_PORT"], env["TLSALPN_PORT"]
	apply(t, l.client(), classesOfTraefik)
	startChild(t, exec.Command(built(t, "lab", "make lab"), "leash", built(t, "lab-traefik", "make lab-traefik"),
		"--entrypoints.web.address=127.0.0.1:"+httpPort,
		"--entrypoints.websecure.address=127.0.0.1:"+httpsPort, "--entrypoints.websecure.http.tls",
		"--providers.kubernetesingress.allowexternalnameservices", "--providers.kubernetesgateway",
		"--providers.providersthrottleduration=100ms", // by default changes wait for 2 s
		"--global.checknewversion=false", "--global.sendanonymoususage=false"))
	await(t, "Traefik", func() string { return visit("http://nobody.invalid:"+httpPort, notFound) })
	return httpPort, httpsPort
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
	built(t, "lab-traefik", "make lab-traefik") // or skip before anything starts
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
