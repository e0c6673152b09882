package kubetest_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
)

var writeTests = serverTests{
	"a new object has an identity, and is there": func(t *testing.T, f fixture) {
		made := f.create(t, "a", nil)
		got, err := f.secrets().Get(t.Context(), "a", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(made, got); diff != "" {
			t.Errorf("(-made +got):\n%s", diff)
		}
		if got.UID == "" || got.ResourceVersion == "" || time.Since(got.CreationTimestamp.Time).Abs() > time.Minute || string(got.Data["a"]) != "a" || got.StringData != nil {
			t.Errorf("got %v", got)
		}
		_, err = f.secrets().Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			t.Errorf("a second creation: %v", err)
		}
	},

	"objects need their namespace": func(t *testing.T, f fixture) {
		_, err := f.Secrets("missing").Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{})
		if !apierrors.IsNotFound(err) || err.Error() != `namespaces "missing" not found` {
			t.Errorf("create: %v", err)
		}
		_, err = f.Secrets("missing").Apply(t.Context(), applycorev1.Secret("a", "missing"), metav1.ApplyOptions{FieldManager: "x"})
		if !apierrors.IsNotFound(err) || err.Error() != `namespaces "missing" not found` {
			t.Errorf("apply: %v", err)
		}
	},

	"an update of a version that has passed is a conflict": func(t *testing.T, f fixture) {
		first := f.create(t, "a", nil)
		second := first.DeepCopy()
		second.Data["a"] = []byte("second")
		second, err := f.secrets().Update(t.Context(), second, metav1.UpdateOptions{})
		if err != nil || second.ResourceVersion == first.ResourceVersion {
			t.Fatalf("%v %v", second, err)
		}
		first.Data["a"] = []byte("late")
		_, err = f.secrets().Update(t.Context(), first, metav1.UpdateOptions{})
		want := `Operation cannot be fulfilled on secrets "a": the object has been modified; please apply your changes to the latest version and try again`
		if !apierrors.IsConflict(err) || err.Error() != want {
			t.Errorf("update: %v", err)
		}
		_, err = f.secrets().Apply(t.Context(), applycorev1.Secret("a", f.namespace).WithResourceVersion(first.ResourceVersion), metav1.ApplyOptions{FieldManager: "x"})
		if !apierrors.IsConflict(err) || err.Error() != want {
			t.Errorf("apply: %v", err)
		}
	},

	"an apply with version 1 creates an object, but does not change one": func(t *testing.T, f fixture) {
		config := applycorev1.Secret("a", f.namespace).WithResourceVersion("1").WithLabels(map[string]string{"l": "x"})
		options := metav1.ApplyOptions{FieldManager: "x", Force: true}
		first, err := f.secrets().Apply(t.Context(), config, options)
		if err != nil || first.ResourceVersion == "1" || first.Labels["l"] != "x" {
			t.Fatalf("%v %v", first, err)
		}
		if _, err = f.secrets().Apply(t.Context(), config.WithLabels(map[string]string{"l": "y"}), options); !apierrors.IsConflict(err) {
			t.Errorf("again: %v", err)
		}
	},

	"a write that changes nothing keeps the version": func(t *testing.T, f fixture) {
		first := f.create(t, "a", nil)
		second, err := f.secrets().Update(t.Context(), first.DeepCopy(), metav1.UpdateOptions{FieldManager: "maker"})
		if err != nil || second.ResourceVersion != first.ResourceVersion {
			t.Errorf("update: from version %s to %s, %v", first.ResourceVersion, second.ResourceVersion, err)
		}
		config := applycorev1.Secret("a", f.namespace).WithLabels(map[string]string{"l": "x"})
		applied, err := f.secrets().Apply(t.Context(), config, metav1.ApplyOptions{FieldManager: "x"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.secrets().Apply(t.Context(), config, metav1.ApplyOptions{FieldManager: "x"})
		if err != nil || applied.ResourceVersion == first.ResourceVersion || again.ResourceVersion != applied.ResourceVersion {
			t.Errorf("apply: from version %s to %s to %s, %v", first.ResourceVersion, applied.ResourceVersion, again.ResourceVersion, err)
		}
	},

	"server-side apply knows who owns a field": func(t *testing.T, f fixture) {
		f.create(t, "a", nil)
		config := applycorev1.Secret("a", f.namespace).WithData(map[string][]byte{"a": []byte("other")})
		_, err := f.secrets().Apply(t.Context(), config, metav1.ApplyOptions{FieldManager: "x"})
		var status apierrors.APIStatus
		if !errors.As(err, &status) || !apierrors.IsConflict(err) || len(status.Status().Details.Causes) != 1 {
			t.Fatalf("without force: %v", err)
		}
		cause := status.Status().Details.Causes[0]
		if cause.Type != metav1.CauseTypeFieldManagerConflict || cause.Field != ".data.a" || cause.Message != `conflict with "maker" using v1` {
			t.Errorf("the cause is %v", cause)
		}
		got, err := f.secrets().Apply(t.Context(), config, metav1.ApplyOptions{FieldManager: "x", Force: true})
		if err != nil || string(got.Data["a"]) != "other" {
			t.Errorf("by force: %v %v", got, err)
		}
		got, err = f.secrets().Apply(t.Context(), applycorev1.Secret("a", f.namespace), metav1.ApplyOptions{FieldManager: "x"})
		if err != nil || len(got.Data) != 0 {
			t.Errorf("what the owner no longer applies: %v %v", got, err)
		}
	},

	"a merge patch removes what is null": func(t *testing.T, f fixture) {
		f.create(t, "a", map[string]string{"keep": "x", "drop": "x"})
		got, err := f.secrets().Patch(t.Context(), "a", types.MergePatchType, []byte(`{"metadata":{"labels":{"drop":null,"add":"x"}}}`), metav1.PatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"keep": "x", "add": "x"}, got.Labels); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		_, err = f.secrets().Patch(t.Context(), "missing", types.MergePatchType, []byte(`{}`), metav1.PatchOptions{})
		if !apierrors.IsNotFound(err) {
			t.Errorf("of no object: %v", err)
		}
	},

	"a strategic merge patch merges lists by their keys": func(t *testing.T, f fixture) {
		f.create(t, "a", nil)
		for _, owner := range []string{"b", "c", "b"} {
			patch := fmt.Sprintf(`{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Secret","name":%q,"uid":"uid-%[1]s"}]}}`, owner)
			if _, err := f.secrets().Patch(t.Context(), "a", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := f.secrets().Get(t.Context(), "a", metav1.GetOptions{})
		if err != nil || len(got.OwnerReferences) != 2 {
			t.Errorf("%v %v", got.OwnerReferences, err)
		}
	},

	"a dry run answers and writes nothing": func(t *testing.T, f fixture) {
		dry := []string{metav1.DryRunAll}
		_, err := f.secrets().Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "b"}}, metav1.CreateOptions{DryRun: dry})
		if err != nil {
			t.Errorf("create: %v", err)
		}
		made := f.create(t, "a", nil)
		config := applycorev1.Secret("a", f.namespace).WithLabels(map[string]string{"l": "x"})
		applied, err := f.secrets().Apply(t.Context(), config, metav1.ApplyOptions{FieldManager: "x", DryRun: dry})
		if err != nil || applied.Labels["l"] != "x" {
			t.Errorf("apply: %v %v", applied, err)
		}
		if err := f.secrets().Delete(t.Context(), "a", metav1.DeleteOptions{DryRun: dry}); err != nil {
			t.Errorf("delete: %v", err)
		}
		list, err := f.secrets().List(t.Context(), metav1.ListOptions{})
		if err != nil || len(list.Items) != 1 || list.Items[0].ResourceVersion != made.ResourceVersion {
			t.Errorf("afterwards: %v %v", list, err)
		}
	},

	"a delete has preconditions": func(t *testing.T, f fixture) {
		made := f.create(t, "a", nil)
		passed := "1"
		err := f.secrets().Delete(t.Context(), "a", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &passed}})
		if !apierrors.IsConflict(err) {
			t.Errorf("of another version: %v", err)
		}
		err = f.secrets().Delete(t.Context(), "a", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &made.ResourceVersion, UID: &made.UID}})
		if err != nil {
			t.Errorf("of this version: %v", err)
		}
		if err := f.secrets().Delete(t.Context(), "a", metav1.DeleteOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("of none: %v", err)
		}
	},

	"an object with a finalizer goes when that is removed": func(t *testing.T, f fixture) {
		made := f.create(t, "a", nil)
		made.Finalizers = []string{"example.com/wait"}
		if _, err := f.secrets().Update(t.Context(), made, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := f.secrets().Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		got, err := f.secrets().Get(t.Context(), "a", metav1.GetOptions{})
		if err != nil || got.DeletionTimestamp == nil {
			t.Fatalf("with the finalizer: %v %v", got, err)
		}
		got.Finalizers = nil
		if _, err := f.secrets().Update(t.Context(), got, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.secrets().Get(t.Context(), "a", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("without it: %v", err)
		}
	},
}
