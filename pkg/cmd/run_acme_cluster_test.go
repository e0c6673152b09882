package cmd_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
)

func TestRunACME(t *testing.T)     { onKube(t, acmeTests) }
func TestLiveRunACME(t *testing.T) { onLab(t, acmeTests) }

var eventsOf = schema.GroupVersionResource{Version: "v1", Resource: "events"}

// acmeSpec requests certificates from Issuer web, of a CA.
func acmeSpec(ca *acmetest.CA, names ...string) string {
	spec := fmt.Sprintf("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: shop}\nissuers:\n"+
		"- {name: web, namespace: shop, acme: {server: %q, caBundle: %s, solvers: [{http01: {}}]}}\nexpose:\n", ca.Directory, base64.StdEncoding.EncodeToString(ca.Bundle))
	for _, name := range names {
		spec += expose(name, "web", name+".example.com")
	}
	return spec
}

// requests writes acmeSpec to a file. The account has a key, for run takes long
// to make one.
func (c testCluster) requests(ca *acmetest.CA, names ...string) (file string) {
	c.t.Helper()
	c.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: web-account-key, namespace: shop}\nstringData: {tls.key: " + quoted(newRoot(c.t, "x").keyPEM()) + "}\n")
	return c.file("certs.yaml", acmeSpec(ca, names...))
}

// static are the flags by which a run answers the challenges of a CA.
func static(ca *acmetest.CA) []string { return []string{"--http01", "static", "--listen", ca.HTTP01} }

// once are the arguments of a single run.
func once(ca *acmetest.CA, file string, more ...string) []string {
	return append(append([]string{"run", "--once", "-f", file}, static(ca)...), more...)
}

// issued wants a good certificate for <name>.example.com in Secret <name>-tls,
// and returns its serial number.
func (c testCluster) issued(ca *acmetest.CA, name string) string {
	c.t.Helper()
	return issued(c.t, c.client, c.namespace, ca.Roots, name+"-tls", name+".example.com")
}

// follow starts a run that keeps running, and returns what stops it.
func (c testCluster) follow(flags ...string) (stop func()) {
	ctx, signal := context.WithCancel(c.t.Context())
	ended := make(chan int, 1)
	var out, talk bytes.Buffer
	go func() {
		env := iostreams.IO{In: strings.NewReader(""), Out: &out, Err: &talk}
		ended <- cmd.Main(ctx, env, "v0.0.0-test", append([]string{"kubectl-certs", "run", "-n", c.namespace}, flags...))
	}()
	return func() {
		c.t.Helper()
		signal()
		if code := <-ended; code != 0 {
			c.t.Errorf("ends with exit code %d\n%s%s", code, out.String(), talk.String())
		}
	}
}

// await waits until Secret <name>-tls is there, and no order for it.
func (c testCluster) await(name string) {
	c.t.Helper()
	resource := c.client.Resource(secretsOf).Namespace(c.namespace)
	await(c.t, name, func() string {
		if _, err := resource.Get(c.t.Context(), name+"-tls", metav1.GetOptions{}); err != nil {
			return err.Error()
		}
		if _, err := resource.Get(c.t.Context(), name+"-tls-kubectl-certs-order", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return fmt.Sprintf("the order: %v", err)
		}
		return ""
	})
}

var acmeTests = clusterTests{
	"run --once issues what is missing, and nothing twice": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		file := c.requests(ca, "a", "b")
		out, talk := c.certs(0, once(ca, file)...)
		for _, want := range []string{
			"NAMESPACE   SECRET   NAMES           ISSUER            WHY       CHALLENGE        COST\nshop        a-tls    a.example.com   Issuer shop/web   missing   http-01 static   no known limit\n",
			"✓ shop/a-tls  issued in ", "✓ shop/b-tls  issued in ",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is missing of\n%s", want, out)
			}
		}
		if want := "2 certificates: 2 to issue, 0 deferred, 0 up to date\n2 issued, 0 failed, 0 deferred, 0 up to date\n"; talk != want {
			t.Errorf("says\n%swant\n%s", talk, want)
		}
		first := c.issued(ca, "a")
		c.issued(ca, "b")
		out, talk = c.certs(0, once(ca, file)...)
		if want := "2 certificates: 0 to issue, 0 deferred, 2 up to date\n0 issued, 0 failed, 0 deferred, 2 up to date\n"; out != "" || talk != want {
			t.Errorf("the second time\n%s%swant\n%s", out, talk, want)
		}
		if second := c.issued(ca, "a"); second != first {
			t.Error("the second run has issued again")
		}
	},

	"run --once writes a Secret as cert-manager does": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		c.certs(0, once(ca, c.requests(ca, "a"))...)
		secret := c.get(secretsOf, "shop", "a-tls")
		annotations := secret.GetAnnotations()
		delete(annotations, "kubectl-certs.dev/issued") // has a digest
		want := map[string]string{
			"cert-manager.io/alt-names": "a.example.com", "cert-manager.io/certificate-name": "a-tls", "cert-manager.io/common-name": "",
			"cert-manager.io/ip-sans": "", "cert-manager.io/issuer-group": "cert-manager.io", "cert-manager.io/issuer-kind": "Issuer",
			"cert-manager.io/issuer-name": "web", "cert-manager.io/uri-sans": "",
		}
		if diff := cmp.Diff(want, annotations); diff != "" {
			t.Errorf("annotations (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"controller.cert-manager.io/fao": "true"}, secret.GetLabels()); diff != "" {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
		if got := secret.Object["type"]; got != "kubernetes.io/tls" {
			t.Errorf("type %v", got)
		}
	},

	"a requested renewal is made once": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		file := c.requests(ca, "a")
		c.certs(0, once(ca, file)...)
		first := c.issued(ca, "a")
		c.certs(0, "renew", "a-tls")
		c.certs(0, once(ca, file)...)
		second := c.issued(ca, "a")
		c.certs(0, once(ca, file)...)
		if third := c.issued(ca, "a"); first == second || second != third {
			t.Errorf("renewed from %s to %s to %s", first, second, third)
		}
	},

	"a failure is recorded, waits, and is tried again when renew asks for it": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		file := c.requests(ca, "a", "missing")
		out, talk := c.certs(1, once(ca, file)...)
		if !strings.Contains(out, "✓ shop/a-tls  issued in ") || !strings.Contains(out, "✗ shop/missing-tls  validation: missing.example.com: ") ||
			!strings.Contains(talk, "or now: kubectl certs renew missing-tls -n shop\n") || !strings.HasSuffix(talk, "\n1 issued, 1 failed, 0 deferred, 0 up to date\n") {
			t.Errorf("says\n%s%s", out, talk)
		}
		if strings.Contains(out+talk, "PRIVATE KEY") {
			t.Error("prints a key")
		}
		const journal = "missing-tls-kubectl-certs-order"
		if got := c.get(secretsOf, "shop", journal).GetAnnotations()["kubectl-certs.dev/failures"]; got != "1" {
			t.Errorf("%q failures are recorded", got)
		}
		_, talk = c.certs(1, once(ca, file)...)
		if !strings.Contains(talk, "deferred: shop/missing-tls (Ingress/missing): missing; failed once, next try at ") {
			t.Errorf("the second run says\n%s", talk)
		}
		out, _ = c.certs(1, "status", "--check", "-f", file)
		if !strings.Contains(out, "Ingress/missing   missing; failed once, ") || !strings.Contains(out, "Ingress/a         ok\n") {
			t.Errorf("status prints\n%s", out)
		}
		c.certs(0, "renew", "missing-tls")
		out, _ = c.certs(1, once(ca, file)...)
		if !strings.Contains(out, "✗ shop/missing-tls  validation: missing.example.com: ") {
			t.Errorf("after renew, run prints\n%s", out)
		}
	},

	"Events report successes and failures": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		c.certs(1, once(ca, c.requests(ca, "a", "missing"))...)
		list, err := c.client.Resource(eventsOf).Namespace(c.namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, e := range list.Items {
			about, _ := e.Object["involvedObject"].(map[string]any)
			message, _, _ := strings.Cut(c.ours(e.Object["message"].(string)), ": ")
			message, _, _ = strings.Cut(message, ", valid until ")
			got[fmt.Sprintf("%v %v %v/%v: %s", e.Object["type"], e.Object["reason"], about["kind"], about["name"], message)] = true
		}
		want := map[string]bool{
			"Normal Issued Ingress/a: Stored a certificate in Secret a-tls": true,
			"Warning Failed Ingress/missing: validation":                    true,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"run leaves Secrets of others alone, unless it adopts them": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		c.makeIssued(issuedSecret{"a", -10 * day, 80 * day, "{}"})
		before := c.get(secretsOf, "shop", "a-tls")
		file := c.requests(ca, "a")
		_, talk := c.certs(1, once(ca, file)...)
		if !strings.Contains(talk, "deferred: shop/a-tls (Ingress/a): the Secret was created by test: delete it, or adopt it with kubectl certs run --adopt\n") {
			t.Errorf("says\n%s", talk)
		}
		if diff := cmp.Diff(before, c.get(secretsOf, "shop", "a-tls")); diff != "" {
			t.Errorf("writes (-before +after):\n%s", diff)
		}
		c.certs(0, once(ca, file, "--adopt")...)
		c.issued(ca, "a")
	},

	"run --dry-run names the account once there is one": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		file := c.file("certs.yaml", acmeSpec(ca, "a"))
		c.certs(0, once(ca, file)...)
		out, talk := c.certs(0, once(ca, file, "--dry-run")...)
		url := c.get(secretsOf, "shop", "web-account-key").GetAnnotations()["kubectl-certs.dev/account"]
		if out != "" || url == "" || !strings.Contains(talk, "account of Issuer shop/web: "+url+", thumbprint ") {
			t.Errorf("for account %q, says\n%s%s", url, out, talk)
		}
	},

	"run --register opens the account and prints its thumbprint, and orders nothing": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		file := c.file("certs.yaml", acmeSpec(ca, "a", "b"))
		_, talk := c.certs(0, once(ca, file, "--dry-run")...)
		if want := "note: Issuer shop/web has no account key yet, so no thumbprint for a responder; run --register opens the account\n"; !strings.Contains(talk, want) {
			t.Errorf("the plan says\n%swant %s", talk, want)
		}
		out, talk := c.certs(0, "run", "--register", "-f", file)
		lines := strings.Split(out, "\n")
		row := strings.Fields(lines[min(1, len(lines)-1)])
		url := c.get(secretsOf, "shop", "web-account-key").GetAnnotations()["kubectl-certs.dev/account"]
		if len(lines) != 3 || len(row) != 4 || row[0]+" "+row[1] != "Issuer shop/web" || row[2] != url || len(row[3]) != 43 || talk != "" {
			t.Fatalf("for account %q, prints\n%s%s", url, out, talk)
		}
		if diff := cmp.Diff([]string{"web-account-key"}, c.names(secretsOf, "shop")); diff != "" {
			t.Errorf("Secrets (-want +got):\n%s", diff)
		}
		if again, _ := c.certs(0, "run", "--register", "-f", file); again != out {
			t.Errorf("the second time\n%swant\n%s", again, out)
		}
		if _, talk := c.certs(0, once(ca, file, "--dry-run")...); !strings.Contains(talk, "account of Issuer shop/web: "+url+", thumbprint "+row[3]+"\n") || strings.Contains(talk, "--register") {
			t.Errorf("the plan then says\n%s", talk)
		}
		c.certs(0, once(ca, file)...)
		c.issued(ca, "a")
		if out, talk := c.certs(0, "run", "--register"); out != "" || talk != "No certificates of ACME issuers requested.\n" {
			t.Errorf("without requests\n%s%s", out, talk)
		}
	},

	"run --register reports issuers that fail, and opens the accounts of others": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		c.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: bad-account-key, namespace: shop}\nstringData: {tls.key: none}\n")
		spec := strings.NewReplacer("name: web,", "name: bad,", "issuer: web", "issuer: bad").Replace(acmeSpec(ca, "b"))
		c.requests(ca)
		c.certs(0, "apply", "-f", c.file("bad.yaml", spec))
		out, talk := c.certs(2, "run", "--register", "--from-cluster", "-f", c.file("web.yaml", acmeSpec(ca, "a")))
		if want := "error: account: Issuer shop/bad: key tls.key of Secret shop/bad-account-key is not a private key in PEM\n"; talk != want {
			t.Errorf("says\n%swant %s", talk, want)
		}
		if strings.Count(out, "\n") != 2 || !strings.Contains(out, "\nIssuer shop/web") {
			t.Errorf("prints\n%s", out)
		}
	},

	"run takes what to issue from the cluster's objects, and from the namespace alone": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		makeNamespaces(t, c.client, c.theirs("shop-2"))
		other := strings.ReplaceAll(acmeSpec(ca, "other"), "namespace: shop", "namespace: shop-2")
		c.certs(0, "apply", "-f", c.file("other.yaml", other))
		c.certs(0, "apply", "-f", c.requests(ca, "a"))
		_, talk := c.certs(0, append([]string{"run", "--once"}, static(ca)...)...)
		if !strings.Contains(talk, "1 issued, 0 failed, 0 deferred, 0 up to date\n") {
			t.Errorf("says\n%s", talk)
		}
		c.issued(ca, "a")
	},

	"run follows the cluster until it is stopped": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		stop := c.follow(static(ca)...)
		c.certs(0, "apply", "-f", c.requests(ca, "a"))
		c.await("a")
		first := c.issued(ca, "a")
		if err := c.client.Resource(secretsOf).Namespace(c.namespace).Delete(t.Context(), "a-tls", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		c.await("a")
		if c.issued(ca, "a") == first {
			t.Error("the deleted Secret is back unchanged")
		}
		stop()
		spec := c.get(leasesOf, "shop", "kubectl-certs-run").Object["spec"].(map[string]any)
		if who, _ := spec["holderIdentity"].(string); who != "" {
			t.Errorf("the Lease is still held by %s", who)
		}
	},
}
