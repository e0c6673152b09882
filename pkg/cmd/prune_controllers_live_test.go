package cmd_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// leavingRoutes and stayingRoute are the routes and Certificates of a certs.yaml
// before --prune. No ingress controller answers for stayingRoute, so that its order
// stays pending.
const (
	stayingRoute = `expose:
- &route {name: pending, namespace: shop, host: pending.http.example.com, className: traefik, issuer: prune, privateKey: {algorithm: ECDSA}, routes: [{path: /, service: s, port: 80}]}
`
	leavingRoutes = `- {<<: *route, name: web, host: web.example.com}
- {name: vs, namespace: shop, as: VirtualServer, host: vs.example.com, className: nginx, issuer: prune, routes: [{path: /, service: s, port: 80}]}
certificates:
- {name: mail, namespace: shop, issuer: prune, dnsNames: [mail.example.com], privateKey: {algorithm: ECDSA}}
`
)

// leaving are our objects of leavingRoutes, and leavingSecrets the Secrets of their
// certificates.
var (
	leaving        = []string{"Certificate/shop/mail", "Ingress/shop/web", "VirtualServer/shop/vs"}
	leavingSecrets = []string{"mail", "vs-tls", "web-tls"}
)

// TestLivePruneBesideControllers: --prune deletes nothing that cert-manager or NGINX
// Ingress Controller made with the labels of our objects, and disturbs no order.
// When a route is removed, the garbage collector deletes what its controllers made,
// but no TLS Secret.
func TestLivePruneBesideControllers(t *testing.T) {
	built(t, "lab-cert-manager", "make -C lab cert-manager")
	onlyQuiet(t) // on a busy machine cert-manager sometimes issues twice by itself
	t.Run("Secrets without an owner", func(t *testing.T) {
		s := startPruning(t)
		s.nothingToPrune()
		s.removeRoutes()
		s.prune("--prune")
	})
	t.Run("Certificates own the Secrets", func(t *testing.T) {
		s := startPruning(t, "--enable-certificate-owner-ref")
		s.nothingToPrune()
		s.removeRoutes()
		s.retains()
		s.prune("--prune", "--prune-certificates")
	})
}

// pruning is a lab with cert-manager, the garbage collector and what NGINX Ingress
// Controller makes. All certificates are issued, but for that of stayingRoute.
type pruning struct {
	issuing
	t      *testing.T
	front  *acmeFront
	checks clusterChecks
	write  func(routes string) string // writes certs.yaml
	file   string
	// before, orders and pairs are from before --prune: the UIDs, by host, and by
	// Secret.
	before map[string]string
	orders map[string]int
	pairs  map[string]map[string][]byte
}

func startPruning(t *testing.T, flags ...string) pruning {
	t.Helper()
	s := pruning{issuing: startIssuing(t), t: t, orders: map[string]int{}, pairs: map[string]map[string][]byte{}}
	s.front, s.checks = s.issuing.front(), clusterChecks{t, s.client}
	applyCRDs(t)
	apply(t, s.client, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}") // of the solver's pod
	startCertManager(t, s.lab, flags...)
	solvers := s.dns01() + ", {http01: {}, selector: {dnsZones: [http.example.com]}}"
	s.write = func(routes string) string {
		return s.fileFor("prune", s.front.directory, base64.StdEncoding.EncodeToString(s.front.bundle), solvers, routes)
	}
	s.file = s.write(stayingRoute + leavingRoutes)
	certs(t, 0, "apply", "-f", s.file)
	s.actAsNginx(t, "vs")
	for _, name := range leavingSecrets {
		s.checks.ready("Certificate", "shop", name)
	}
	await(t, "cert-manager", s.unsettled)
	s.before = s.uids(t)
	for _, host := range []string{"pending.http.example.com", "web.example.com", "vs.example.com", "mail.example.com"} {
		s.orders[host] = s.front.ordered(host)
	}
	for _, name := range leavingSecrets {
		s.pairs[name] = s.checks.secret("shop", name)
	}
	return s
}

// unsettled returns what cert-manager has still to do: make the solver of the pending
// order, or delete what the others needed.
func (s pruning) unsettled() string {
	isSolved := false
	for id := range s.uids(s.t) {
		kind, name, _ := strings.Cut(id, "/")
		isPending := strings.HasPrefix(name, "pending-")
		switch {
		case kind == "Ingress" && strings.HasPrefix(name, "cm-acme-http-solver-"):
			isSolved = true
		case kind == "Challenge" && !isPending, kind == "Secret" && !isPending && !slices.Contains(leavingSecrets, name):
			return id + " is left"
		}
	}
	if !isSolved {
		return "no Ingress for the pending order"
	}
	return ""
}

// nothingToPrune wants --prune to change nothing while all routes are desired.
func (s pruning) nothingToPrune() {
	s.t.Helper()
	for range 3 {
		if out, talk := certs(s.t, 0, "apply", "--prune", "-f", s.file); strings.Contains(out, "pruned") {
			s.t.Errorf("apply --prune says\n%s%s", out, talk)
		}
		if out, talk := certs(s.t, 0, "diff", "--live", "--prune", "-f", s.file); out != "" {
			s.t.Errorf("after apply --prune, differs as\n%s%s", out, talk)
		}
	}
	if diff := cmp.Diff(s.before, s.uids(s.t)); diff != "" {
		s.t.Errorf("apply --prune replaced (-before +after):\n%s", diff)
	}
}

func (s pruning) removeRoutes() { s.write(stayingRoute) }

// retains wants --prune alone to keep what owns Secrets.
func (s pruning) retains() {
	s.t.Helper()
	for _, args := range [][]string{{"diff", "--live"}, {"apply", "--yes"}} {
		out, talk := certs(s.t, 0, append(args, "--prune", "-f", s.file)...)
		for _, id := range leaving {
			if !strings.Contains(talk, "note: "+id+" is not pruned: the garbage collector would delete Secret/shop/") {
				s.t.Errorf("%v does not keep %s:\n%s%s", args, id, out, talk)
			}
		}
		if strings.Contains(out, "pruned") {
			s.t.Errorf("%v says\n%s", args, out)
		}
	}
}

// prune deletes the removed routes and wants the garbage collector to delete the rest
// of them, but no Secret and nothing of the pending order.
func (s pruning) prune(flags ...string) {
	s.t.Helper()
	out, _ := certs(s.t, 1, append([]string{"diff", "--live", "--summary", "-f", s.file}, flags...)...)
	for _, id := range leaving {
		if !strings.Contains(out, "- removed   "+id) {
			s.t.Errorf("%s is missing in\n%s", id, out)
		}
	}
	if strings.Count(out, "- removed") != len(leaving) {
		s.t.Errorf("shows\n%s", out)
	}
	out, _ = certs(s.t, 0, append([]string{"apply", "--yes", "-f", s.file}, flags...)...)
	if strings.Count(out, " pruned\n") != len(leaving) {
		s.t.Errorf("apply says\n%s", out)
	}
	await(s.t, "garbage collector", s.uncollected)
	for name, pair := range s.pairs {
		if !maps.EqualFunc(pair, s.checks.secret("shop", name), bytes.Equal) {
			s.t.Errorf("Secret %s is deleted or replaced", name)
		}
	}
	if out, talk := certs(s.t, 0, append([]string{"diff", "--live", "-f", s.file}, flags...)...); out != "" {
		s.t.Errorf("in the end, differs as\n%s%s", out, talk)
	}
	after := s.uids(s.t)
	for id, uid := range s.before {
		if _, name, _ := strings.Cut(id, "/"); strings.HasPrefix(name, "pending") && after[id] != uid {
			s.t.Errorf("%s of the pending order is replaced: %s, then %q", id, uid, after[id])
		}
	}
	for host, n := range s.orders {
		if got := s.front.ordered(host); got != n || n == 0 {
			s.t.Errorf("%d orders for %s, then %d", n, host, got)
		}
	}
}

// uncollected returns what the garbage collector has still to do: delete what
// controllers made for the removed routes, or detach a Secret from a Certificate.
func (s pruning) uncollected() string {
	for id := range s.uids(s.t) {
		kind, name, _ := strings.Cut(id, "/")
		first, _, _ := strings.Cut(name, "-")
		if kind != "Secret" && slices.Contains([]string{"mail", "vs", "web"}, first) {
			return id + " is left"
		}
	}
	for _, name := range leavingSecrets {
		for _, owner := range s.checks.get("Secret", "shop", name).GetOwnerReferences() {
			if owner.Kind == "Certificate" {
				return "Secret " + name + " belongs to a Certificate"
			}
		}
	}
	return ""
}

// uids returns the UIDs of what we and controllers make in namespace shop, by kind
// and name.
func (s issuing) uids(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, resource := range []schema.GroupVersionResource{
		kinds["Certificate"], requests, orders, challenges, secrets, kinds["Ingress"], kinds["Service"], kinds["VirtualServer"], kinds["DNSEndpoint"],
	} {
		list, err := s.client.Resource(resource).Namespace("shop").List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range list.Items {
			found[item.GetKind()+"/"+item.GetName()] = string(item.GetUID())
		}
	}
	return found
}

// actAsNginx makes what NGINX Ingress Controller makes for a VirtualServer: the
// Certificate of its field cert-manager, and the DNSEndpoint of external-dns. Both
// have its labels, and it is their controller (internal/certmanager/sync.go and
// internal/externaldns/sync.go in version 5.5).
func (s issuing) actAsNginx(t *testing.T, name string) {
	t.Helper()
	vs, err := s.client.Resource(kinds["VirtualServer"]).Namespace("shop").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	field := func(path ...string) string {
		value, found, err := unstructured.NestedString(vs.Object, append([]string{"spec"}, path...)...)
		if err != nil || !found {
			t.Fatalf("VirtualServer %s: no field %s: %v", name, path, err)
		}
		return value
	}
	made := map[string]*unstructured.Unstructured{
		"Certificate": {Object: map[string]any{
			"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": map[string]any{"name": field("tls", "secret")},
			"spec": map[string]any{
				"secretName": field("tls", "secret"), "dnsNames": []any{field("host")}, "usages": []any{"digital signature", "key encipherment"},
				"issuerRef": map[string]any{"name": field("tls", "cert-manager", "cluster-issuer"), "kind": "ClusterIssuer"},
			},
		}},
		"DNSEndpoint": {Object: map[string]any{
			"apiVersion": "externaldns.k8s.io/v1alpha1", "kind": "DNSEndpoint", "metadata": map[string]any{"name": name},
			"spec": map[string]any{"endpoints": []any{map[string]any{"dnsName": field("host"), "recordType": "A", "targets": []any{"127.0.0.1"}}}},
		}},
	}
	for kind, o := range made {
		o.SetLabels(vs.GetLabels())
		o.SetOwnerReferences([]metav1.OwnerReference{*metav1.NewControllerRef(vs, vs.GroupVersionKind())})
		if _, err := s.client.Resource(kinds[kind]).Namespace("shop").Create(t.Context(), o, metav1.CreateOptions{FieldManager: "nginx-ingress"}); err != nil {
			t.Fatal(fmt.Errorf("%s of NGINX Ingress Controller: %w", kind, err))
		}
	}
}
