package watch

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// reportedYAML has Certificates in every state of cert-manager, with the objects of their issuance.
const reportedYAML = `---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: ready, namespace: shop}, spec: {secretName: ready-tls},
  status: {conditions: [{type: Ready, status: "True", message: fine}]}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: unseen, namespace: shop}, spec: {secretName: unseen-tls}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: new, namespace: shop}, spec: {secretName: new-tls},
  status: {conditions: [{type: Ready, status: "False", message: Issuing certificate as Secret does not exist}, {type: Issuing, status: "True", message: Issuing}]}}
---
{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {name: new-2, namespace: shop, annotations: {cert-manager.io/certificate-revision: "2"},
  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: Certificate, name: new, uid: "1"}]}, status: {conditions: [{type: Ready, status: "False", message: waiting for the order}]}}
---
{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {name: new-1, namespace: shop, annotations: {cert-manager.io/certificate-revision: "1"},
  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: Certificate, name: new, uid: "1"}]}, status: {conditions: [{type: Ready, status: "False", message: obsolete}]}}
---
{apiVersion: acme.cert-manager.io/v1, kind: Order, metadata: {name: new-2-1, namespace: shop,
  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: CertificateRequest, name: new-2, uid: "2"}]}, status: {state: pending}}
---
{apiVersion: acme.cert-manager.io/v1, kind: Challenge, metadata: {name: valid, namespace: shop,
  ownerReferences: [{apiVersion: acme.cert-manager.io/v1, kind: Order, name: new-2-1, uid: "3"}]}, spec: {type: HTTP-01, dnsName: b.example.com}, status: {state: valid, reason: Successfully authorized}}
---
{apiVersion: acme.cert-manager.io/v1, kind: Challenge, metadata: {name: waits, namespace: shop,
  ownerReferences: [{apiVersion: acme.cert-manager.io/v1, kind: Order, name: new-2-1, uid: "3"}]}, spec: {type: HTTP-01, dnsName: a.example.com}, status: {state: pending, reason: no such host}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: denied, namespace: shop}, spec: {secretName: denied-tls},
  status: {conditions: [{type: Issuing, status: "False", message: denied by policy, lastTransitionTime: "2026-11-29T07:00:00Z"},
    {type: Ready, status: "False", message: not there, lastTransitionTime: "2026-11-29T06:00:00Z"}]}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: renewed, namespace: shop}, spec: {secretName: renewed-tls},
  status: {conditions: [{type: Ready, status: "True", message: fine}, {type: Issuing, status: "False", message: the request failed}]}}
---
{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {name: renewed-1, namespace: shop,
  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: Certificate, name: renewed, uid: "4"}]}}
---
{apiVersion: acme.cert-manager.io/v1, kind: Order, metadata: {name: renewed-1-1, namespace: shop,
  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: CertificateRequest, name: renewed-1, uid: "5"}]}, status: {state: errored, reason: rate limited}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: bare, namespace: shop}, spec: {secretName: bare-tls},
  status: {conditions: [{type: Ready, status: "False", message: expired}]}}
`

// TestReported: the cause is the message of the last object that has one, of the latest request.
func TestReported(t *testing.T) {
	c := startCluster(t)
	c.put(t, reportedYAML)
	got, notes, err := c.snapshot("").Reported(t.Context())
	if err != nil || notes != nil {
		t.Errorf("notes %q, error %v", notes, err)
	}
	ref := func(name string) issuance.Ref { return issuance.Ref{Namespace: "shop", Name: name} }
	want := map[issuance.Ref]Report{
		ref("new-tls"):     {NotReady: true, Cause: "HTTP-01 of a.example.com: no such host"},
		ref("denied-tls"):  {NotReady: true, Failed: true, Cause: "denied by policy", At: time.Date(2026, 11, 29, 7, 0, 0, 0, time.UTC)},
		ref("renewed-tls"): {Failed: true, Cause: "order: rate limited"},
		ref("bare-tls"):    {NotReady: true, Cause: "expired"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	c.Before = func(r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/challenges") {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "challenges"}, "", errors.New("no"))
		}
		return nil
	}
	got, notes, err = c.snapshot("").Reported(t.Context())
	if diff := cmp.Diff([]string{"no permission to list challenges: skipped"}, notes); diff != "" || err != nil || got[ref("new-tls")].Cause != "waiting for the order" {
		t.Errorf("without challenges: %+v, error %v, notes (-want +got):\n%s", got[ref("new-tls")], err, diff)
	}
	c.Before = func(*http.Request) error { return apierrors.NewInternalError(errors.New("broken")) }
	if _, _, err := c.snapshot("").Reported(t.Context()); err == nil {
		t.Error("no error of a broken server")
	}
	if got, notes, err := startCluster(t, "cert-manager.io").snapshot("").Reported(t.Context()); got != nil || notes != nil || err != nil {
		t.Errorf("without cert-manager: %v, %v, %v", got, notes, err)
	}
}
