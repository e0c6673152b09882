package cmd_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var requests = schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "certificaterequests"}

// collectGarbage does what a cluster does and cert-manager counts on.
func collectGarbage(t testing.TB, l lab) {
	t.Helper()
	startChild(t, exec.Command(built(t, "lab", "make lab"), "collect", "--dir", l.Dir))
}

// ordersAnew deletes the request of a certificate that waits for its order, as
// cert-manager does by itself when its controllers have seen different keys for
// it. The next request has the name of the first, and so has its order: cert-manager
// waits until the garbage collector has removed the first order.
func (p clusterChecks) ordersAnew(certificate string) {
	p.t.Helper()
	request := certificate + "-1" // of the first revision
	var first *unstructured.Unstructured
	await(p.t, "order of "+request, func() (amiss string) {
		first, amiss = p.orderOf(request)
		return amiss
	})
	if err := p.client.Resource(requests).Namespace("shop").Delete(p.t.Context(), request, metav1.DeleteOptions{}); err != nil {
		p.t.Fatal(err)
	}
	await(p.t, "another order of "+request, func() string {
		next, amiss := p.orderOf(request)
		switch {
		case amiss != "":
			return amiss
		case next.GetUID() == first.GetUID():
			return "is the first one"
		case next.GetName() != first.GetName():
			p.t.Errorf("%s and %s are not orders of the same name: this shows nothing", first.GetName(), next.GetName())
		}
		return ""
	})
}

// orderOf is the Order that belongs to a request.
func (p clusterChecks) orderOf(name string) (order *unstructured.Unstructured, amiss string) {
	p.t.Helper()
	request, err := p.client.Resource(requests).Namespace("shop").Get(p.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		return nil, err.Error()
	}
	amiss = "there is none"
	for _, order := range p.list(orders) {
		if metav1.IsControlledBy(&order, request) {
			return &order, ""
		}
		if strings.HasPrefix(order.GetName(), name+"-") {
			amiss = fmt.Sprintf("%s belongs to another request than %s", order.GetName(), request.GetUID())
		}
	}
	return nil, amiss
}
