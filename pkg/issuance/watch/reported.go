package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// Report is what cert-manager reports about the certificate in a Secret.
type Report struct {
	// NotReady is whether the Certificate is not ready, and Failed whether its last issuance
	// failed.
	NotReady, Failed bool
	// Cause is the message of the last object that has one, from the Certificate to its
	// Challenges.
	Cause string
	// At is the time of the last change of the Certificate's conditions.
	At time.Time
}

// Reported returns the reports about Certificates of the cluster that are not ready, or are being
// issued, or whose last issuance failed. The notes are kinds that may not be listed.
func (w *Snapshot) Reported(ctx context.Context) (reports map[issuance.Ref]Report, notes []string, err error) {
	var certificates []cm.Certificate
	if _, err := listInto(ctx, w, cm.SchemeGroupVersion.WithKind(cm.CertificateKind), func(c cm.Certificate) {
		if isReported(&c) {
			certificates = append(certificates, c)
		}
	}); err != nil || len(certificates) == 0 {
		return nil, nil, err
	}
	p := progress{requests: map[string]cm.CertificateRequest{}, orders: map[string]cmacme.Order{}, challenges: map[string][]cmacme.Challenge{}}
	for _, list := range []func() (string, error){
		func() (string, error) {
			return listInto(ctx, w, cm.SchemeGroupVersion.WithKind(cm.CertificateRequestKind), p.addRequest)
		},
		func() (string, error) {
			return listInto(ctx, w, cmacme.SchemeGroupVersion.WithKind(cmacme.OrderKind), p.addOrder)
		},
		func() (string, error) {
			return listInto(ctx, w, cmacme.SchemeGroupVersion.WithKind(cmacme.ChallengeKind), p.addChallenge)
		},
	} {
		note, err := list()
		if err != nil {
			return nil, nil, err
		}
		if note != "" {
			notes = append(notes, note)
		}
	}
	reports = map[issuance.Ref]Report{}
	for i := range certificates {
		c := &certificates[i]
		reports[issuance.Ref{Namespace: c.Namespace, Name: c.Spec.SecretName}] = p.report(c)
	}
	return reports, notes, nil
}

// listInto calls f for all objects of a kind in the namespaces of the requests. It returns a note
// if the kind may not be listed.
func listInto[T any](ctx context.Context, w *Snapshot, kind schema.GroupVersionKind, f func(T)) (note string, err error) {
	mapping, err := w.client.Mapping(kind)
	switch {
	case meta.IsNoMatchError(err):
		return "", nil
	case err != nil:
		return "", err
	}
	for _, namespace := range w.Namespaces() {
		err := w.client.List(ctx, mapping, namespace, metav1.ListOptions{Limit: kube.PageSize}, func(u *unstructured.Unstructured) {
			var object T
			if runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &object) == nil {
				f(object)
			}
		})
		if apierrors.IsForbidden(err) {
			note = fmt.Sprintf("no permission to list %s: skipped", mapping.Resource.Resource)
			continue
		}
		if err != nil {
			return "", err
		}
	}
	return note, nil
}

func isReported(c *cm.Certificate) bool {
	return slices.ContainsFunc(c.Status.Conditions, func(condition cm.CertificateCondition) bool {
		return condition.Type == cm.CertificateConditionIssuing || condition.Type == cm.CertificateConditionReady && condition.Status == cmmeta.ConditionFalse
	})
}

// progress are the objects of issuances, by namespace and name of their owner.
type progress struct {
	requests   map[string]cm.CertificateRequest // the latest of each Certificate
	orders     map[string]cmacme.Order
	challenges map[string][]cmacme.Challenge
}

// owner returns namespace and name of the owner of a kind, false if there is none.
func owner(o *metav1.ObjectMeta, kind string) (string, bool) {
	i := slices.IndexFunc(o.OwnerReferences, func(r metav1.OwnerReference) bool { return r.Kind == kind })
	if i < 0 {
		return "", false
	}
	return o.Namespace + "/" + o.OwnerReferences[i].Name, true
}

func (p progress) addRequest(r cm.CertificateRequest) {
	certificate, found := owner(&r.ObjectMeta, cm.CertificateKind)
	if found && compareRevisions(r, p.requests[certificate]) >= 0 {
		p.requests[certificate] = r
	}
}

func compareRevisions(a, b cm.CertificateRequest) int {
	revision := func(r cm.CertificateRequest) int {
		n, _ := strconv.Atoi(r.Annotations[cm.CertificateRequestRevisionAnnotationKey])
		return n
	}
	return cmp.Or(cmp.Compare(revision(a), revision(b)), a.CreationTimestamp.Compare(b.CreationTimestamp.Time))
}

func (p progress) addOrder(o cmacme.Order) {
	if request, found := owner(&o.ObjectMeta, cm.CertificateRequestKind); found {
		p.orders[request] = o
	}
}

func (p progress) addChallenge(c cmacme.Challenge) {
	if order, found := owner(&c.ObjectMeta, cmacme.OrderKind); found {
		p.challenges[order] = append(p.challenges[order], c)
	}
}

func (p progress) report(c *cm.Certificate) Report {
	var r Report
	for _, condition := range c.Status.Conditions {
		if condition.LastTransitionTime != nil && condition.LastTransitionTime.After(r.At) {
			r.At = condition.LastTransitionTime.Time
		}
		isFalse := condition.Status == cmmeta.ConditionFalse
		switch condition.Type {
		case cm.CertificateConditionReady:
			r.NotReady = isFalse
			if isFalse && r.Cause == "" {
				r.Cause = condition.Message
			}
		case cm.CertificateConditionIssuing:
			if r.Failed = isFalse; isFalse {
				r.Cause = condition.Message
			}
		}
	}
	r.Cause = cmp.Or(p.cause(c), r.Cause)
	return r
}

// cause returns what the objects of the last issuance report, "" if nothing.
func (p progress) cause(c *cm.Certificate) string {
	request, found := p.requests[c.Namespace+"/"+c.Name]
	if !found {
		return ""
	}
	order := p.orders[c.Namespace+"/"+request.Name]
	for _, challenge := range p.challenges[c.Namespace+"/"+order.Name] {
		if challenge.Status.Reason != "" && challenge.Status.State != cmacme.Valid {
			return fmt.Sprintf("%s of %s: %s", challenge.Spec.Type, challenge.Spec.DNSName, challenge.Status.Reason)
		}
	}
	if order.Status.Reason != "" {
		return "order: " + order.Status.Reason
	}
	for _, condition := range request.Status.Conditions {
		if condition.Type == cm.CertificateRequestConditionReady && condition.Status == cmmeta.ConditionFalse {
			return condition.Message
		}
	}
	return ""
}
