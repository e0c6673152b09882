package http01

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestSweep: objects of an interrupted run are deleted in the run's namespaces, except those of
// orders in progress and foreign ones. Kinds that are not served or may not be listed are
// skipped.
func TestSweep(t *testing.T) {
	pod := func(namespace, name, secret string) string {
		return "---\n{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", namespace: " + namespace + ", labels: {kubectl-certs.dev/solver-for: " + secret + "}}}\n"
	}
	const others = "---\n{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: default}}\n"
	route := "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: default, labels: {kubectl-certs.dev/solver-for: gone}}}\n"
	objects := pod("default", "a", "gone") + pod("default", "b", "kept") + pod("kube-system", "c", "kept") + others
	kept := []issuance.Ref{{Namespace: "default", Name: "kept"}}
	for name, tt := range map[string]struct {
		absent     []string
		namespaces []string
		route      string
		allow      func(kubetest.Request) bool
		before     func(*http.Request) error
		want       []string
		err        string
	}{
		"everywhere":        {namespaces: []string{""}, route: route, want: []string{"Pod/default/b", "Pod/default/other"}},
		"in one":            {namespaces: []string{"default"}, want: []string{"Pod/default/b", "Pod/default/other", "Pod/kube-system/c"}},
		"services not seen": {namespaces: []string{""}, route: route, allow: func(r kubetest.Request) bool { return r.Verb != "list" || r.Resource != "services" }, want: []string{"Pod/default/b", "Pod/default/other"}},
		"not deleted":       {namespaces: []string{"default"}, allow: func(r kubetest.Request) bool { return r.Verb != "delete" }, want: []string{"Pod/default/a", "Pod/default/b", "Pod/default/other", "Pod/kube-system/c"}, err: "Pod/default/a"},
		"no answer": {namespaces: []string{"default"}, before: func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/services") {
				return errors.New("broken")
			}
			return nil
		}, want: []string{"Pod/default/b", "Pod/default/other", "Pod/kube-system/c"}, err: "list services"},
		"no route to sweep": {absent: []string{"networking.k8s.io"}, namespaces: []string{""}, route: route, want: []string{"Pod/default/b", "Pod/default/other"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t, tt.absent...)
			client := serverClient(t, server)
			put(t, client, objects+tt.route)
			server.Allow, server.Before = tt.allow, tt.before
			err := Sweep(t.Context(), client, tt.namespaces, kept)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if !strings.Contains(text, tt.err) || (err != nil) != (tt.err != "") {
				t.Errorf("error %v", err)
			}
			server.Allow, server.Before = nil, nil
			if diff := cmp.Diff(tt.want, solverObjects(t, client)); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
		})
	}
}
