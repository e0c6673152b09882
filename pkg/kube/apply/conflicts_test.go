package apply

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// applyAs applies an object under another name than ours.
func applyAs(t *testing.T, a *Applier, manager string, o manifest.Object) {
	t.Helper()
	if _, err := a.client.Apply(t.Context(), o, metav1.ApplyOptions{FieldManager: manager}); err != nil {
		t.Fatal(err)
	}
}

// TestFieldsOfOthers: a preview reports a field of another manager, and shows the
// result of forcing it. Applying it is an error, unless it is forced.
func TestFieldsOfOthers(t *testing.T) {
	a := serverApplier(t, kubetest.Start(t))
	applyAs(t, a, "someone", configMapWith("theirs", "1"))
	applyAs(t, a, "someone", configMapWith("agreed", "1"))
	objects := []manifest.Object{configMapWith("agreed", "1"), configMapWith("free", "2"), configMapWith("theirs", "2")}

	p, err := a.Preview(t.Context(), objects)
	if err != nil {
		t.Fatal(err)
	}
	want := []Conflict{{ID: objects[2].ID(), Fields: []string{`conflict with "someone": .data.key`}}}
	if diff := cmp.Diff(want, p.Conflicts); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
	if value := p.After[2].Map("data")["key"]; value != "2" {
		t.Errorf("the preview shows %v", value)
	}

	outcomes, err := a.Apply(t.Context(), objects, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if conflict := outcomes[2].Err; !kube.IsConflict(errors.Unwrap(conflict)) || outcomes[2].Result != "" {
		t.Errorf("without force: %q, %v", outcomes[2].Result, conflict)
	}
	if diff := cmp.Diff(map[string]Result{"theirs": Configured}, results(t, a, Options{Force: true}, objects[2])); diff != "" {
		t.Errorf("with force (-want +got):\n%s", diff)
	}
}

// TestConflictsOf: only the server's errors about fields of other managers are
// conflicts that can be forced.
func TestConflictsOf(t *testing.T) {
	cause := func(kind metav1.CauseType) *metav1.StatusDetails {
		return &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: kind, Message: "conflict with helm", Field: ".data.a"}}}
	}
	status := func(reason metav1.StatusReason, details *metav1.StatusDetails) error {
		return &apierrors.StatusError{ErrStatus: metav1.Status{Reason: reason, Details: details}}
	}
	const manager = metav1.CauseTypeFieldManagerConflict
	for name, tt := range map[string]struct {
		err  error
		want []string
	}{
		"none":               {},
		"a connection":       {err: errors.New("connection refused")},
		"a version":          {err: apierrors.NewConflict(schema.GroupResource{Resource: "configmaps"}, "a", errors.New("modified"))},
		"without details":    {err: status(metav1.StatusReasonConflict, nil)},
		"another reason":     {err: status(metav1.StatusReasonInvalid, cause(manager))},
		"another cause":      {err: status(metav1.StatusReasonConflict, cause(metav1.CauseTypeFieldValueInvalid))},
		"a field of another": {err: status(metav1.StatusReasonConflict, cause(manager)), want: []string{"conflict with helm: .data.a"}},
	} {
		if diff := cmp.Diff(tt.want, conflictsOf(tt.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWrites: what we applied and is as wanted is not written again. What is as
// wanted, but by others, is, so that it becomes ours.
func TestWrites(t *testing.T) {
	s := kubetest.Start(t)
	a := serverApplier(t, s)
	results(t, a, Options{}, configMapWith("ours", "1"))
	applyAs(t, a, "someone", configMapWith("theirs", "1"))
	applied := len(s.Requests())
	want := map[string]Result{"ours": Unchanged, "theirs": Unchanged, "new": Created}
	if diff := cmp.Diff(want, results(t, a, Options{}, configMapWith("ours", "1"), configMapWith("theirs", "1"), configMapWith("new", "1"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	written := map[string]bool{}
	for _, r := range s.Requests()[applied:] {
		if r.Verb == "patch" {
			written[r.Name] = true
		}
	}
	if diff := cmp.Diff(map[string]bool{"theirs": true, "new": true}, written); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}
