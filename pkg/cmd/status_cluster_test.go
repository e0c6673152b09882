package cmd_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStatus(t *testing.T)     { onKube(t, statusTests) }
func TestLiveStatus(t *testing.T) { onLab(t, statusTests) }

const day = 24 * time.Hour

// statusSpec requests certificates from an ACME issuer that is not reachable.
func statusSpec(names ...string) string {
	spec := "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: shop}\nissuers:\n" +
		"- {name: web, acme: {server: \"https://acme.invalid/directory\", solvers: [{http01: {}}]}}\nexpose:\n"
	for _, name := range names {
		spec += expose(name, "web", name+".example.com")
	}
	return spec
}

// issuedSecret is a certificate in a TLS Secret of namespace shop.
type issuedSecret struct {
	name string
	// since and until are relative to now.
	since, until time.Duration
	annotations  string
}

// fromWeb are the annotations of a certificate of ClusterIssuer web.
const fromWeb = "{cert-manager.io/issuer-name: web, cert-manager.io/issuer-kind: ClusterIssuer, cert-manager.io/issuer-group: cert-manager.io}"

// makeIssued makes Secret <name>-tls with a certificate for <name>.example.com,
// and returns when that expires.
func (c testCluster) makeIssued(s issuedSecret) (expires time.Time) {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, DNSNames: []string{s.name + ".example.com"},
		NotBefore: time.Now().Add(s.since), NotAfter: time.Now().Add(s.until),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		c.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		c.t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	c.apply(fmt.Sprintf("apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: %s-tls, namespace: shop, annotations: %s}\ndata: {tls.crt: %s, tls.key: %s}",
		s.name, s.annotations, encode("CERTIFICATE", der), encode("PRIVATE KEY", secret)))
	return leaf.NotAfter.UTC().Truncate(time.Second)
}

// makeAll makes a Secret of each sort that status tells apart.
func (c testCluster) makeAll() (file string) {
	c.t.Helper()
	// Of 30 days, it renews 10 to 10.5 days before it expires.
	c.makeIssued(issuedSecret{"good", -9*day - 6*time.Hour, 20*day + 18*time.Hour, fromWeb})
	c.makeIssued(issuedSecret{"due", -70 * day, 20*day + 12*time.Hour, fromWeb})
	c.makeIssued(issuedSecret{"gone", -90 * day, -2*day - 12*time.Hour, fromWeb})
	c.makeIssued(issuedSecret{"old", -10 * day, 80*day + 12*time.Hour, strings.Replace(fromWeb, "web", "former", 1)})
	c.makeIssued(issuedSecret{"hand", -10 * day, 80*day + 12*time.Hour, "{}"})
	return c.file("certs.yaml", statusSpec("good", "due", "gone", "old", "hand", "none"))
}

var statusTests = clusterTests{
	"status shows a row for each requested certificate": func(t *testing.T, c testCluster) {
		out, talk := c.certs(0, "status", "-f", c.makeAll())
		want := `NAMESPACE   SECRET     NAMES              ISSUER   EXPIRES      RENEWS   REQUESTED-BY   STATUS
shop        due-tls    due.example.com    web      20d          -        Ingress/due    due by its lifetime
shop        gone-tls   gone.example.com   web      expired 2d   -        Ingress/gone   expired ` + time.Now().Add(-2*day-12*time.Hour).UTC().Format(time.DateOnly) + `
shop        hand-tls   hand.example.com   web      80d          -        Ingress/hand   the Secret was created by test: delete …
shop        none-tls   none.example.com   web      -            -        Ingress/none   missing
shop        old-tls    old.example.com    web      80d          -        Ingress/old    issuer changed from ClusterIssuer former
shop        good-tls   good.example.com   web      20d          10d      Ingress/good   ok
`
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		const cause = "shop/hand-tls: the Secret was created by test: delete it, or adopt it with kubectl certs run --adopt\n"
		if want := cause + "6 certificates: 1 ok, 5 need attention\n"; talk != want {
			t.Errorf("says\n%swant\n%s", talk, want)
		}
	},

	"status shows manifests beside certs.yaml": func(t *testing.T, c testCluster) {
		ingress := c.file("ingress.yaml", `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: own, namespace: shop, annotations: {cert-manager.io/cluster-issuer: web}}
spec: {tls: [{hosts: [own.example.com], secretName: own}], rules: [{host: own.example.com}]}
`)
		out, talk := c.certs(0, "status", "-f", c.file("certs.yaml", statusSpec("none")), "-f", ingress)
		want := `NAMESPACE   SECRET     NAMES              ISSUER   EXPIRES   RENEWS   REQUESTED-BY   STATUS
shop        none-tls   none.example.com   web      -         -        Ingress/none   missing
shop        own        own.example.com    web      -         -        Ingress/own    missing
`
		if diff := cmp.Diff(want+"2 certificates: 0 ok, 2 need attention\n", out+talk); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"status -o json has the same, with times": func(t *testing.T, c testCluster) {
		expires := c.makeIssued(issuedSecret{"good", -10 * day, 80*day + 12*time.Hour, fromWeb})
		out, _ := c.certs(0, "status", "-o", "json", "-f", c.file("certs.yaml", statusSpec("good", "none")))
		type row struct {
			Namespace, Secret, Issuer, RequestedBy, Action, Why, Status string
			Names                                                       []string
			Expires, Renews                                             time.Time
		}
		var list struct {
			APIVersion, Kind string
			Items            []row
		}
		if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Items) != 2 {
			t.Fatalf("%v of\n%s", err, out)
		}
		if list.APIVersion != "kubectl-certs.dev/v1alpha1" || list.Kind != "CertificateStatusList" {
			t.Errorf("apiVersion %s, kind %s", list.APIVersion, list.Kind)
		}
		rows := list.Items
		if left := time.Until(rows[0].Renews); left < 45*day || left > 51*day {
			t.Errorf("renews in %s", left)
		}
		rows[0].Renews = time.Time{}
		good := row{Namespace: "shop", Secret: "good-tls", Names: []string{"good.example.com"}, Issuer: "ClusterIssuer web", RequestedBy: "Ingress/good", Action: "ok", Status: "ok", Expires: expires}
		none := row{Namespace: "shop", Secret: "none-tls", Names: []string{"none.example.com"}, Issuer: "ClusterIssuer web", RequestedBy: "Ingress/none", Action: "planned", Why: "missing", Status: "missing"}
		if diff := cmp.Diff([]row{good, none}, rows); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"status --check exits 1 as long as a certificate needs attention": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", statusSpec("good"))
		c.certs(1, "status", "--check", "-f", file)
		c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
		c.certs(0, "status", "--check", "-f", file)
	},

	"status reads what the cluster's objects request": func(t *testing.T, c testCluster) {
		c.apply(`{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: web, namespace: shop}, spec: {selfSigned: {}}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: api, namespace: shop}, spec: {secretName: api-tls, dnsNames: [api.example.com], issuerRef: {name: web}}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: site, namespace: shop, annotations: {cert-manager.io/issuer: web}},
 spec: {tls: [{hosts: [site.example.com], secretName: site-tls}], rules: [{host: site.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}}`)
		out, talk := c.certs(0, "status")
		want := `NAMESPACE   SECRET     NAMES              ISSUER            EXPIRES   RENEWS   REQUESTED-BY      STATUS
shop        api-tls    api.example.com    Issuer shop/web   -         -        Certificate/api   Issuer shop/web is not an ACME issuer: …
shop        site-tls   site.example.com   Issuer shop/web   -         -        Ingress/site      Issuer shop/web is not an ACME issuer: …
`
		const cause = "-tls: Issuer shop/web is not an ACME issuer: kubectl certs run supports only ACME\n"
		if diff := cmp.Diff(want, out); diff != "" || talk != "shop/api"+cause+"shop/site"+cause+"2 certificates: 0 ok, 2 need attention\n" {
			t.Errorf("says\n%s(-want +got):\n%s", talk, diff)
		}
	},

	"status does not see other namespaces unless told to": func(t *testing.T, c testCluster) {
		makeNamespaces(t, c.client, c.theirs("shop-2"))
		c.apply(`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: api, namespace: shop-2}, spec: {secretName: api-tls, dnsNames: [api.example.com], issuerRef: {name: web}}}`)
		if out, _ := c.certs(0, "status"); out != "" {
			t.Errorf("prints\n%s", out)
		}
		if out, _ := c.certs(0, "status", "-A"); !strings.Contains(out, "shop-2      api-tls") {
			t.Errorf("-A prints\n%s", out)
		}
	},
}
