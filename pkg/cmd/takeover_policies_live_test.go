package cmd_test

import (
	"encoding/base64"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
)

// policyCase is a change that makes cert-manager issue again by one of its
// policies, and that run meets first.
type policyCase struct {
	// policy is the function of cert-manager's package policies.
	policy string
	// spec has fields of the Certificate, as it is issued by cert-manager, and changed
	// has them afterwards; "" for no change.
	spec, changed string
	// secret is a merge patch of the Secret, "-" deletes it.
	secret string
	renew  bool // run does not issue because of the change alone
	kept   bool // the key, and cert-manager's request
}

const renewed = "privateKey: {algorithm: ECDSA, rotationPolicy: Always}, issuerRef: {name: acme}"

var policyCases = map[string]policyCase{
	"missing":         {policy: "SecretDoesNotExist", secret: "-"},
	"no-key":          {policy: "SecretIsMissingData", secret: `{"data": {"tls.key": ""}}`},
	"no-certificate":  {policy: "SecretIsMissingData", secret: `{"data": {"tls.crt": ""}}`},
	"another-key":     {policy: "SecretPublicKeysDiffer", secret: `{"data": {"tls.key": "%s"}}`},
	"odd-certificate": {policy: "SecretPublicKeysDiffer", secret: `{"data": {"tls.crt": "eA=="}}`},
	"issuer":          {policy: "SecretIssuerAnnotationsMismatch", changed: "privateKey: {algorithm: ECDSA}, issuerRef: {name: second}"},
	"algorithm":       {policy: "SecretPrivateKeyMismatchesSpec", changed: "privateKey: {algorithm: RSA}, issuerRef: {name: acme}"},
	"size":            {policy: "SecretPrivateKeyMismatchesSpec", changed: "privateKey: {algorithm: ECDSA, size: 384}, issuerRef: {name: acme}"},
	"new-key":         {policy: "SecretPublicKeyDiffersFromCurrentCertificateRequest", spec: renewed, renew: true},
	"same-key":        {policy: "SecretPublicKeyDiffersFromCurrentCertificateRequest", spec: strings.Replace(renewed, "Always", "Never", 1), renew: true, kept: true},
	"names":           {policy: "CurrentCertificateRequestMismatchesSpec", changed: "dnsNames: [%s, more.%s], privateKey: {algorithm: ECDSA}, issuerRef: {name: acme}"},
	"names-same-key": {policy: "CurrentCertificateRequestMismatchesSpec", spec: strings.Replace(renewed, "Always", "Never", 1),
		changed: "dnsNames: [%s, more.%s], privateKey: {algorithm: ECDSA, rotationPolicy: Never}, issuerRef: {name: acme}"},
	"usages": {policy: "CurrentCertificateRequestMismatchesSpec", changed: "usages: [server auth], " + renewed, renew: true},
	"name":   {policy: "SecretCertificateNameAnnotationsMismatch", secret: `{"metadata": {"annotations": {"cert-manager.io/certificate-name": "former"}}}`, renew: true},
	// The ACME server of issuer moving changes, which cert-manager has no policy for.
	"moved": {policy: "", spec: "privateKey: {algorithm: ECDSA}, issuerRef: {name: moving}"},
}

// otherPolicies are the policies that no change in policyCases meets, and why.
var otherPolicies = map[string]string{
	// Newer than the lab's controllers are the renewal windows, the disabled renewal and
	// the CA's renewal information. They were read in the source of 1.21.2.
	"CurrentCertificateNearingExpiry": "TestDueBeforeCertManager in pkg/issuance: run renews earlier, unless the CA or a flag says otherwise",
}

// TestLivePolicyList: there is a test for each policy of cert-manager, in the version of
// go.mod and in that of the lab.
func TestLivePolicyList(t *testing.T) {
	mod := func(file string) string {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		version := regexp.MustCompile(`(?m)github\.com/cert-manager/cert-manager (v\S+)`).FindSubmatch(text)
		if version == nil {
			t.Fatalf("%s does not require cert-manager", file)
		}
		return "github.com/cert-manager/cert-manager@" + string(version[1])
	}
	built(t, "lab-cert-manager", "make -C lab cert-manager")
	newest := triggerPolicies(t, labtest.Module(t, mod(filepath.Join("..", "..", "go.mod"))))
	labs := triggerPolicies(t, labtest.Module(t, mod(filepath.Join("..", "..", "lab", "certmanager", "go.mod"))))
	tested := map[string]bool{}
	for _, c := range policyCases {
		tested[c.policy] = true
	}
	for _, policy := range newest {
		if !tested[policy] && otherPolicies[policy] == "" {
			t.Errorf("no test for %s", policy)
		}
		if !slices.Contains(labs, policy) {
			t.Errorf("the lab's controllers do not have %s: check it in the source, and mark it in otherPolicies", policy)
		}
	}
	for _, policy := range labs {
		if !slices.Contains(newest, policy) {
			t.Errorf("%s is only in the lab's controllers", policy)
		}
	}
}

// triggerPolicies lists the functions in the chain that makes cert-manager issue.
func triggerPolicies(t *testing.T, module string) (names []string) {
	t.Helper()
	file := filepath.Join(module, "internal", "controller", "certificates", "policies", "policies.go")
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is || f.Name.Name != "NewTriggerPolicyChain" {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			list, is := n.(*ast.CompositeLit)
			if !is {
				return true
			}
			for _, element := range list.Elts {
				if call, is := element.(*ast.CallExpr); is {
					element = call.Fun
				}
				names = append(names, fmt.Sprint(element))
			}
			return false
		})
	}
	if len(names) == 0 {
		t.Fatalf("no chain in %s", file)
	}
	return names
}

// TestLivePolicies: whatever makes cert-manager issue again, if run issues first,
// cert-manager does not when it is back. A changed ACME server makes run issue, too.
func TestLivePolicies(t *testing.T) {
	onlyQuiet(t)
	built(t, "lab-cert-manager", "make -C lab cert-manager")
	s := startIssuing(t)
	f, staging := s.front(), s.front()
	collectGarbage(t, s.lab)
	s.credentials("shop", "acme", "second", "moving")
	issuers := s.issuerOf(f, "shop", "acme") + s.issuerOf(f, "shop", "second")
	apply(t, s.client, strings.TrimPrefix(issuers+s.issuerOf(staging, "shop", "moving"), "---\n"))
	certificate := func(name, spec string) {
		host := name + ".example.com"
		if spec == "" {
			spec = "privateKey: {algorithm: ECDSA}, issuerRef: {name: acme}"
		}
		if !strings.Contains(spec, "dnsNames") {
			spec = "dnsNames: [%s], " + spec
		}
		for range strings.Count(spec, "%s") {
			spec = strings.Replace(spec, "%s", host, 1)
		}
		apply(t, s.client, fmt.Sprintf("{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %s, namespace: shop}, spec: {secretName: %s, %s}}", name, name, spec))
	}
	for name, c := range policyCases {
		certificate(name, c.spec)
	}
	t.Run("cert-manager issues", func(t *testing.T) {
		s.startCertManagerIn(t, "shop")
		s.settled(t, "shop")
	})
	if t.Failed() {
		return
	}
	orders := func() map[string]int {
		counts := map[string]int{}
		for name := range policyCases {
			counts[name] = f.ordered(name+".example.com") + staging.ordered(name+".example.com")
		}
		return counts
	}
	// On a busy machine cert-manager may order twice, and issue twice: see took.
	wanted, kept, current := orders(), map[string]bool{}, map[string]string{}
	_, otherKey := byHand(t, "x")
	secrets := s.client.Resource(secretsOf).Namespace("shop")
	for name, c := range policyCases {
		wanted[name]++ // by run
		kept[name] = c.kept
		issued, err := s.client.Resource(kinds["Certificate"]).Namespace("shop").Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		revision, _, _ := unstructured.NestedInt64(issued.Object, "status", "revision")
		current[name] = fmt.Sprintf("%s-%d", name, revision)
		if c.changed != "" {
			certificate(name, c.changed)
		}
		switch {
		case c.secret == "-":
			if err := secrets.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		case c.secret != "":
			patch := strings.Replace(c.secret, "%s", base64.StdEncoding.EncodeToString(otherKey), 1)
			if _, err := secrets.Patch(t.Context(), name, "application/merge-patch+json", []byte(patch), metav1.PatchOptions{FieldManager: "test"}); err != nil {
				t.Fatal(err)
			}
		}
		if c.renew {
			certs(t, 0, "renew", name, "-n", "shop")
		}
	}
	moved := write(t, filepath.Join(t.TempDir(), "moved.yaml"), s.issuerOf(f, "shop", "moving"))
	if _, talk := certs(t, 0, "apply", "--force-conflicts", "-f", moved); !strings.Contains(talk, "the ACME server changes from "+staging.directory+" to "+f.directory) {
		t.Errorf("apply says\n%s", talk)
	}
	origin := strings.TrimSuffix(staging.directory, "/dir")
	if out, _ := certs(t, 0, "status", "-n", "shop", "-o", "wide"); !strings.Contains(out, "server changed from "+origin) {
		t.Errorf("status says\n%s", out)
	}

	once := append([]string{"run", "--once", "-n", "shop"}, s.resolvers()...)
	_, talk := certs(t, 0, once...)
	if want := fmt.Sprintf("%d issued, 0 failed, 0 deferred, 0 up to date", len(policyCases)); !strings.Contains(talk, want) {
		t.Errorf("run says\n%s\nwant %s", talk, want)
	}
	if diff := cmp.Diff(wanted, orders()); diff != "" {
		t.Errorf("orders after run (-want +got):\n%s", diff)
	}
	left := map[string]bool{}
	for name := range policyCases {
		_, err := s.client.Resource(requests).Namespace("shop").Get(t.Context(), current[name], metav1.GetOptions{})
		left[name] = err == nil
		secret, err := secrets.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := secret.GetAnnotations()["cert-manager.io/certificate-name"]; got != name {
			t.Errorf("Secret %s has the Certificate's name %q", name, got)
		}
		if deleted := strings.Contains(talk, "note: shop/"+name+": deleted CertificateRequest "+current[name]+" "); deleted == left[name] {
			t.Errorf("run says\n%s\nbut the request of %s is left: %v", talk, name, left[name])
		}
	}
	if diff := cmp.Diff(kept, left); diff != "" {
		t.Errorf("requests of cert-manager that are left (-want +got):\n%s", diff)
	}

	t.Run("cert-manager is back", func(t *testing.T) {
		s.startCertManagerIn(t, "shop")
		s.settled(t, "shop")
	})
	if diff := cmp.Diff(wanted, orders()); diff != "" {
		t.Errorf("orders after cert-manager (-want +got):\n%s", diff)
	}
	if out, _ := certs(t, 0, "status", "-n", "shop", "--check"); strings.Contains(out, "changed") {
		t.Errorf("status says\n%s", out)
	}
}
