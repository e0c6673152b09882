package cmd_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/cert-manager/cert-manager/pkg/acme/webhook/apis/acme/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
)

// background runs a run as the runner, until the returned function is called.
func (p permitted) background(flags ...string) (stop func()) {
	args := slices.Concat([]string{"kubectl-certs", "run"}, p.where(), flags, []string{"--as", runner})
	ctx, signal := context.WithCancel(p.t.Context())
	ended := make(chan int, 1)
	var out, talk bytes.Buffer
	go func() {
		env := iostreams.IO{In: strings.NewReader(""), Out: &out, Err: &talk}
		ended <- cmd.Main(ctx, env, "v0.0.0-test", args)
	}()
	return func() {
		p.t.Helper()
		signal()
		if code := <-ended; code != 0 {
			p.t.Errorf("%v ends with exit code %d\n%s%s", args, code, out.String(), talk.String())
		}
		p.said.WriteString(out.String() + talk.String())
	}
}

// issuer applies an Issuer of a CA with an account key, and Certificates of it.
func (p permitted) issuer(ca *acmetest.CA, kind, namespace, solver string, names ...string) {
	p.t.Helper()
	p.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: web-account-key, namespace: " + namespace + "}\nstringData: {tls.key: " + quoted(newRoot(p.t, "x").keyPEM()) + "}\n")
	where := ""
	if kind == "Issuer" {
		where = ", namespace: " + namespace
	}
	p.apply(fmt.Sprintf("{apiVersion: cert-manager.io/v1, kind: %s, metadata: {name: web%s}, spec: {acme: {server: %q, caBundle: %s, privateKeySecretRef: {name: web-account-key}, solvers: [%s]}}}",
		kind, where, ca.Directory, base64.StdEncoding.EncodeToString(ca.Bundle), solver))
	for _, name := range names {
		p.apply(fmt.Sprintf("{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %[1]s, namespace: shop}, spec: {secretName: %[1]s-tls, dnsNames: [%[1]s.example.com], privateKey: {algorithm: ECDSA}, issuerRef: {name: web, kind: %[2]s}}}", name, kind))
	}
}

// requested makes cert-manager's request for the current revision of a
// Certificate.
func (p permitted) requested(name string) {
	p.t.Helper()
	owner := p.get(kinds["Certificate"], "shop", name)
	request := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cert-manager.io/v1", "kind": "CertificateRequest", "metadata": map[string]any{"name": name + "-x7f"},
		"spec": map[string]any{"request": "eA==", "issuerRef": map[string]any{"name": "web"}},
	}}
	request.SetAnnotations(map[string]string{"cert-manager.io/certificate-revision": "1"})
	request.SetOwnerReferences([]metav1.OwnerReference{*metav1.NewControllerRef(owner, owner.GroupVersionKind())})
	if _, err := p.client.Resource(requests).Namespace("shop").Create(p.t.Context(), request, metav1.CreateOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

// routed makes an Ingress for hosts, so that the responder may answer for them.
func (p permitted) routed(names ...string) {
	p.t.Helper()
	rules := ""
	for _, name := range names {
		rules += "{host: " + name + ".example.com},"
	}
	p.apply("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop}, spec: {rules: [" + strings.TrimSuffix(rules, ",") + "]}}")
}

// missing requests certificates for n names that do not exist, by one Ingress.
func (p permitted) missing(n int) {
	p.t.Helper()
	var rules, tls []string
	for i := range n {
		host := fmt.Sprintf("missing.h%d.example.com", i)
		rules = append(rules, "{host: "+host+"}")
		tls = append(tls, fmt.Sprintf("{hosts: [%s], secretName: missing-%d-tls}", host, i))
	}
	p.apply("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: missing, namespace: shop, annotations: {cert-manager.io/issuer: web, cert-manager.io/private-key-algorithm: ECDSA}}, spec: {rules: [" +
		strings.Join(rules, ", ") + "], tls: [" + strings.Join(tls, ", ") + "]}}")
}

// kubelet makes solver pods ready, and answers where the CA looks as they would.
func (p permitted) kubelet(ca *acmetest.CA) {
	p.t.Helper()
	listener, err := net.Listen("tcp", ca.HTTP01)
	if err != nil {
		p.t.Fatal(err)
	}
	pods := p.client.Resource(podsOf).Namespace("shop")
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list, _ := pods.List(r.Context(), metav1.ListOptions{})
		for _, pod := range list.Items {
			containers, _, _ := unstructured.NestedSlice(pod.Object, "spec", "containers")
			args := fmt.Sprint(containers[0].(map[string]any)["args"]) + " "
			_, token, _ := strings.Cut(args, "--token=")
			token, rest, _ := strings.Cut(token, " ")
			if _, key, found := strings.Cut(rest, "--key="); found && strings.HasSuffix(r.URL.Path, "/"+token) {
				fmt.Fprint(w, strings.TrimRight(key, "] "))
				return
			}
		}
		http.NotFound(w, r)
	})}
	go func() { _ = server.Serve(listener) }()
	p.t.Cleanup(func() { server.Close() })
	watch, err := pods.Watch(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(watch.Stop)
	go func() {
		for e := range watch.ResultChan() {
			if pod, is := e.Object.(*unstructured.Unstructured); is && e.Type == "ADDED" {
				ready := []byte(`{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}`)
				_, _ = pods.Patch(context.Background(), pod.GetName(), "application/merge-patch+json", ready, metav1.PatchOptions{FieldManager: "kubelet"})
			}
		}
	}()
}

// webhook is a webhook solver that writes to the DNS of a CA.
func webhook(ca *acmetest.CA) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var payload v1alpha1.ChallengePayload
		if err == nil {
			err = json.Unmarshal(body, &payload)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if payload.Request.Action == v1alpha1.ChallengeActionPresent {
			ca.DNS.SetTXT(payload.Request.ResolvedFQDN, payload.Request.Key)
		} else {
			ca.DNS.SetTXT(payload.Request.ResolvedFQDN)
		}
		payload.Response = &v1alpha1.ChallengeResponse{UID: payload.Request.UID, Success: true}
		_ = json.NewEncoder(w).Encode(payload)
	})
}

// generatedKinds are the kinds that generate writes, with their API versions. A
// star marks those without a namespace.
var generatedKinds = []string{
	"cert-manager.io/v1 ClusterIssuer*", "cert-manager.io/v1 Issuer", "cert-manager.io/v1 Certificate", "networking.k8s.io/v1 Ingress",
	"k8s.nginx.org/v1 VirtualServer", "k8s.nginx.org/v1 VirtualServerRoute", "gateway.networking.k8s.io/v1 Gateway",
	"gateway.networking.k8s.io/v1 ListenerSet", "gateway.networking.k8s.io/v1 HTTPRoute", "v1 Service", "externaldns.k8s.io/v1alpha1 DNSEndpoint",
	"v1 ConfigMap", "trust.cert-manager.io/v1alpha1 Bundle*", "trust-manager.io/v1alpha2 ClusterBundle*", "certificates.k8s.io/v1beta1 ClusterTrustBundle*",
}

// generated returns n objects of each kind that generate writes and that can be
// permitted in the scope, with an annotation.
func (p permitted) generated(n int, note string) string {
	var all strings.Builder
	add := func(version, kind, name, namespace string) {
		fmt.Fprintf(&all, "---\n{apiVersion: %s, kind: %s, metadata: {name: %s%s, annotations: {note: %s}}}\n", version, kind, name, namespace, note)
	}
	for _, words := range generatedKinds {
		version, kind, _ := strings.Cut(words, " ")
		kind, clusterWide := strings.CutSuffix(kind, "*")
		namespace := ", namespace: shop"
		if clusterWide {
			namespace = ""
		}
		for i := range n {
			if !clusterWide || p.in == inCluster {
				add(version, kind, fmt.Sprintf("x%d", i), namespace)
			}
		}
	}
	if p.in == inCluster {
		add("config.openshift.io/v1", "Proxy", "cluster", "")
		add("v1", "Secret", "custom-ca-trust-secret", ", namespace: kube-system")
	}
	return all.String()
}

// kustomization writes one of n objects of each generated kind.
func (p permitted) kustomization(n int) {
	p.file("all.yaml", p.generated(n, "x"))
	p.file("kustomization.yaml", "resources: [all.yaml]\n")
}

// ownedSecret makes the Secret of a Certificate, which owns it.
func (p permitted) ownedSecret(certificate string) {
	p.patch("test", kinds["Certificate"], "shop", certificate, `{"spec":{"secretName":"owned-tls"}}`)
	live, err := p.client.Resource(kinds["Certificate"]).Namespace(p.theirs("shop")).Get(p.t.Context(), p.theirs(certificate), metav1.GetOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	p.make(fmt.Sprintf(`{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, stringData: {tls.crt: "", tls.key: ""}, metadata: {name: owned-tls, namespace: shop,
		ownerReferences: [{apiVersion: cert-manager.io/v1, kind: Certificate, name: %s, uid: %s}]}}
`, certificate, live.GetUID()))
}

// trusted fills a cluster with what depends on a CA, and writes that to a file.
func (p permitted) trusted() (file string) {
	root, odd := newRoot(p.t, "Root"), newRoot(p.t, "Odd Root").below("Odd CA")
	crds := ""
	for _, words := range []string{"traefik.io v1alpha1 IngressRoute ingressroutes", "route.openshift.io v1 Route routes"} {
		w := strings.Fields(words)
		crds += fmt.Sprintf("---\n{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: %[4]s.%[1]s}, "+
			"spec: {group: %[1]s, scope: Namespaced, names: {kind: %[3]s, plural: %[4]s}, versions: [{name: %[2]s, served: true, storage: true}]}}\n",
			w[0], w[1], w[2], w[3])
	}
	p.make(crds)
	p.make(fill(`{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: web-tls, namespace: shop}, stringData: {tls.crt: {web}, tls.key: {web.key}, ca.crt: {root}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: odd-tls, namespace: shop}, stringData: {tls.crt: {odd}, tls.key: {odd.key}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: corp-ca, namespace: shop}, stringData: {tls.crt: {ca}, tls.key: {ca.key}}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: corp}, spec: {ca: {secretName: corp-ca}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: roots, namespace: shop}, data: {ca.crt: {other}}}
---
{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: roots}, spec: {sources: [{inLine: {other}}], target: {configMap: {key: ca.crt}, secret: {key: ca.crt}}}}
---
{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: roots}, spec: {}}
---
{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: {trustedCA: {name: roots}}}`,
		map[string]signer{"web": root.leaf("web.example.com"), "root": root, "odd": odd.leaf("odd.example.com"), "ca": root.below("Corp CA"), "other": newRoot(p.t, "Other Root")}))
	return p.file("root.pem", root.pem())
}
