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

// TestLivePruneBesideControllers: --prune deletes nothing that cert-manager or NGINX
// Ingress Controller made with the labels of our objects, and disturbs no order.
// When a route is removed, the garbage collector deletes what its controllers made,
// but no TLS Secret.
func TestLivePruneBesideControllers(t *testing.T) {
	built(t, "lab-cert-manager", "make -C lab cert-manager")
	for name, flags := range map[string][]string{
		"Secrets without an owner":     nil,
		"Certificates own the Secrets": {"--enable-certificate-owner-ref"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startIssuing(t)
			applyCRDs(t)
			f := s.front()
			startCertManager(t, s.lab, flags...)
			apply(t, s.client, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}") // of the solver's pod
			solvers := s.dns01() + ", {http01: {}, selector: {dnsZones: [http.example.com]}}"
			bundle := base64.StdEncoding.EncodeToString(f.bundle)
			file := s.fileFor("prune", f.directory, bundle, solvers, stayingRoute+leavingRoutes)
			certs(t, 0, "apply", "-f", file)
			s.actAsNginx(t, "vs")
			p := clusterChecks{t, s.client}
			for _, name := range []string{"web-tls", "vs-tls", "mail"} {
				p.ready("Certificate", "shop", name)
			}
			await(t, "solver of the pending order", func() string {
				if !slices.ContainsFunc(slices.Collect(maps.Keys(s.uids(t))), func(id string) bool { return strings.HasPrefix(id, "Ingress/cm-acme-http-solver-") }) {
					return "there is no Ingress"
				}
				return ""
			})

			before, ordered := s.uids(t), map[string]int{}
			for _, host := range []string{"pending.http.example.com", "web.example.com", "vs.example.com", "mail.example.com"} {
				ordered[host] = f.ordered(host)
			}
			for range 3 {
				if out, talk := certs(t, 0, "apply", "--prune", "-f", file); strings.Contains(out, "pruned") {
					t.Errorf("with everything desired, apply --prune says\n%s%s", out, talk)
				}
				if out, talk := certs(t, 0, "diff", "--live", "--prune", "-f", file); out != "" {
					t.Errorf("after apply --prune, differs as\n%s%s", out, talk)
				}
			}
			if diff := cmp.Diff(before, s.uids(t)); diff != "" {
				t.Errorf("apply --prune replaced (-before +after):\n%s", diff)
			}

			pairs := map[string]map[string][]byte{}
			for _, name := range []string{"web-tls", "vs-tls", "mail"} {
				pairs[name] = p.secret("shop", name)
			}
			s.fileFor("prune", f.directory, bundle, solvers, stayingRoute)
			ours := []string{"Certificate/shop/mail", "Ingress/shop/web", "VirtualServer/shop/vs"}
			prune := []string{"--prune"}
			if flags != nil {
				for _, args := range [][]string{{"diff", "--live"}, {"apply", "--yes"}} {
					out, talk := certs(t, 0, append(args, "--prune", "-f", file)...)
					for _, id := range ours {
						if !strings.Contains(talk, "note: "+id+" is not pruned: the garbage collector would delete Secret/shop/") {
							t.Errorf("%v does not keep %s:\n%s%s", args, id, out, talk)
						}
					}
					if strings.Contains(out, "pruned") {
						t.Errorf("%v says\n%s", args, out)
					}
				}
				prune = append(prune, "--prune-certificates")
			}
			out, _ := certs(t, 1, append([]string{"diff", "--live", "--summary", "-f", file}, prune...)...)
			for _, id := range ours {
				if !strings.Contains(out, "- removed  "+id) {
					t.Errorf("%s is missing in\n%s", id, out)
				}
			}
			if strings.Count(out, "- removed") != len(ours) {
				t.Errorf("shows\n%s", out)
			}
			out, _ = certs(t, 0, append([]string{"apply", "--yes", "-f", file}, prune...)...)
			if strings.Count(out, " pruned\n") != len(ours) {
				t.Errorf("apply says\n%s", out)
			}
			await(t, "garbage collector", func() string {
				for id := range s.uids(t) {
					for _, name := range []string{"web", "vs", "mail"} {
						kind, rest, _ := strings.Cut(id, "/")
						if kind != "Secret" && (rest == name || strings.HasPrefix(rest, name+"-")) {
							return id + " is left"
						}
					}
				}
				for name := range pairs {
					for _, owner := range p.get("Secret", "shop", name).GetOwnerReferences() {
						if owner.Kind == "Certificate" {
							return "Secret " + name + " belongs to a Certificate"
						}
					}
				}
				return ""
			})
			for name, pair := range pairs {
				if !maps.EqualFunc(pair, p.secret("shop", name), bytes.Equal) {
					t.Errorf("Secret %s is deleted or replaced", name)
				}
			}
			if out, talk := certs(t, 0, append([]string{"diff", "--live", "-f", file}, prune...)...); out != "" {
				t.Errorf("in the end, differs as\n%s%s", out, talk)
			}

			after := s.uids(t)
			for id, uid := range before {
				if _, rest, _ := strings.Cut(id, "/"); strings.HasPrefix(rest, "pending") && after[id] != uid {
					t.Errorf("%s of the pending order is replaced: %s, then %q", id, uid, after[id])
				}
			}
			for host, n := range ordered {
				if got := f.ordered(host); got != n || n == 0 {
					t.Errorf("%d orders for %s, then %d", n, host, got)
				}
			}
		})
	}
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
