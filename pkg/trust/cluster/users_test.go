package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestUsers: what uses the Secrets web and ca of namespace shop, and ca of
// namespace other.
func TestUsers(t *testing.T) {
	object := func(apiVersion, kind, namespace, spec string) string {
		return fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {name: u, namespace: %s}, spec: %s}\n---\n", apiVersion, kind, namespace, spec)
	}
	gateway := func(ref string) string {
		return object("gateway.networking.k8s.io/v1", "Gateway", "shop", "{listeners: [{name: http}, {name: https, tls: {certificateRefs: ["+ref+"]}}]}")
	}
	issuer := func(name string) string {
		return "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: u}, spec: {ca: {secretName: " + name + "}}}\n---\n"
	}
	for name, tt := range map[string]struct {
		objects, clusterNamespace string
		absent                    []string
		forbidden                 string
		want                      string
	}{
		"Ingress":                      {objects: object("networking.k8s.io/v1", "Ingress", "shop", "{tls: [{secretName: none}, {secretName: web}]}"), want: "secret/shop/web: ingress/shop/u"},
		"Ingress elsewhere":            {objects: object("networking.k8s.io/v1", "Ingress", "other", "{tls: [{secretName: web}]}")},
		"Ingress without a name":       {objects: object("networking.k8s.io/v1", "Ingress", "shop", "{tls: [{hosts: [a]}]}")},
		"VirtualServer":                {objects: object("k8s.nginx.org/v1", "VirtualServer", "shop", "{tls: {secret: web}}"), want: "secret/shop/web: virtualserver/shop/u"},
		"Gateway":                      {objects: gateway("{name: web}"), want: "secret/shop/web: gateway/shop/u"},
		"Gateway, kind and namespace":  {objects: gateway("{kind: Secret, name: ca, namespace: other}"), want: "secret/other/ca: gateway/shop/u"},
		"Gateway, empty fields":        {objects: gateway(`{kind: "", name: web, namespace: ""}`), want: "secret/shop/web: gateway/shop/u"},
		"Gateway of another kind":      {objects: gateway("{kind: ConfigMap, name: web}")},
		"Certificate and Issuer":       {objects: object("cert-manager.io/v1", "Certificate", "shop", "{secretName: ca}") + object("cert-manager.io/v1", "Issuer", "shop", "{ca: {secretName: ca}}"), want: "secret/shop/ca: issuer/shop/u, certificate/shop/u"},
		"ClusterIssuer":                {objects: issuer("ca"), clusterNamespace: "other", want: "secret/other/ca: clusterissuer/u"},
		"ClusterIssuer, any namespace": {objects: issuer("ca"), want: "secret/other/ca: clusterissuer/u\nsecret/shop/ca: clusterissuer/u"},
		"ClusterIssuer, not there":     {objects: issuer("ca"), clusterNamespace: "default", want: "secret/other/ca: clusterissuer/u\nsecret/shop/ca: clusterissuer/u"},
		"ClusterIssuer, another CA":    {objects: issuer("ca") + secret("default", "ca", "stringData: {x: x}"), clusterNamespace: "default"},
		"ClusterIssuer, another name":  {objects: issuer("none") + secret("default", "none", "stringData: {x: x}"), clusterNamespace: "default"},
		"pod":                          {objects: pod("shop", "p", "", "[{name: a, secret: {secretName: web}}]", "{phase: Running}"), want: "secret/shop/web: pod/shop/p"},
		"without some kinds":           {objects: pod("shop", "p", "", "[{name: a, secret: {secretName: web}}]", "{phase: Running}"), absent: []string{"networking.k8s.io", "cert-manager.io"}, want: "secret/shop/web: pod/shop/p"},
		"pods are forbidden":           {objects: issuer("ca"), clusterNamespace: "other", forbidden: "pods", want: "secret/other/ca: clusterissuer/u\nnote: listing pods is forbidden, so the result may be incomplete"},
		"Ingresses are forbidden":      {objects: issuer("ca"), clusterNamespace: "other", forbidden: "ingresses", want: "secret/other/ca: clusterissuer/u\nnote: listing ingresses is forbidden, so the result may be incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t, tt.absent...)
			reader := readerOf(t, server, tt.objects, "shop", "other")
			server.Allow = func(r kubetest.Request) bool { return r.Resource != tt.forbidden }
			of := map[usage.Ref]bool{{Kind: "Secret", Namespace: "shop", Name: "web"}: true, {Kind: "Secret", Namespace: "shop", Name: "ca"}: true, {Kind: "Secret", Namespace: "other", Name: "ca"}: true, {Kind: "ConfigMap", Namespace: "shop", Name: "ca"}: true}
			users, err := reader.Users(t.Context(), of, tt.clusterNamespace)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for ref, list := range users {
				var names []string
				for _, u := range list {
					names = append(names, u.Ref.String())
				}
				got = append(got, ref.String()+": "+strings.Join(names, ", "))
			}
			slices.Sort(got)
			for _, note := range reader.Notes {
				got = append(got, "note: "+note)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
