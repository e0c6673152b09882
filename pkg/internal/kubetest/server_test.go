package kubetest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
)

// TestServer, and TestLiveServer with a real API server, test what clients rely
// on.
func TestServer(t *testing.T) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, newFixture(t, kubetest.Start(t).Config(), "shop")) })
	}
}

func TestLiveServer(t *testing.T) {
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(labtest.Start(t).Dir, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	for name, test := range tests {
		number++
		t.Run(name, func(t *testing.T) { test(t, newFixture(t, config, fmt.Sprintf("shop-%d", number))) })
	}
}

type fixture struct {
	typedcorev1.CoreV1Interface
	namespace string
}

func newFixture(t *testing.T, config *rest.Config, namespace string) fixture {
	t.Helper()
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{client.CoreV1(), namespace}
	if _, err := f.Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f fixture) secrets() typedcorev1.SecretInterface { return f.Secrets(f.namespace) }

// create makes a Secret.
func (f fixture) create(t *testing.T, name string, labels map[string]string) *corev1.Secret {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, StringData: map[string]string{"a": name}}
	made, err := f.secrets().Create(t.Context(), secret, metav1.CreateOptions{FieldManager: "maker"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

var tests = map[string]func(t *testing.T, f fixture){
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

	"a list comes in pages": func(t *testing.T, f fixture) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			f.create(t, name, map[string]string{"odd": fmt.Sprint(name == "a" || name == "c" || name == "e")})
		}
		var pages [][]string
		options := metav1.ListOptions{Limit: 2, LabelSelector: "odd=true"}
		for {
			list, err := f.secrets().List(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			var page []string
			for _, item := range list.Items {
				page = append(page, item.Name)
			}
			pages = append(pages, page)
			if options.Continue = list.Continue; options.Continue == "" {
				break
			}
		}
		if diff := cmp.Diff([][]string{{"a", "c"}, {"e"}}, pages); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"a field selector selects": func(t *testing.T, f fixture) {
		f.create(t, "a", nil)
		b := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "b"}, Type: "example.com/b"}
		if _, err := f.secrets().Create(t.Context(), b, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		for selector, want := range map[string]string{"metadata.name=a": "a", "type=example.com/b": "b"} {
			list, err := f.secrets().List(t.Context(), metav1.ListOptions{FieldSelector: selector})
			if err != nil || len(list.Items) != 1 || list.Items[0].Name != want {
				t.Errorf("%s: %v %v", selector, list, err)
			}
		}
		_, err := f.secrets().List(t.Context(), metav1.ListOptions{FieldSelector: "data.a=x"})
		if !apierrors.IsBadRequest(err) {
			t.Errorf("a field that cannot be selected: %v", err)
		}
	},

	"a watch has the changes after a version": func(t *testing.T, f fixture) {
		f.create(t, "before", nil)
		list, err := f.secrets().List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		selected := map[string]string{"l": "x"}
		made := f.create(t, "a", selected)
		f.create(t, "unselected", nil)
		w, err := f.secrets().Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion, LabelSelector: "l=x"})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Stop()
		made.Data["a"] = []byte("changed")
		changed, err := f.secrets().Update(t.Context(), made, metav1.UpdateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		changed.Labels = nil
		if _, err := f.secrets().Update(t.Context(), changed, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		f.create(t, "b", selected)
		if err := f.secrets().Delete(t.Context(), "b", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		want := []string{"ADDED a", "MODIFIED a", "DELETED a", "ADDED b", "DELETED b"}
		if diff := cmp.Diff(want, next(t, w, len(want))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"a watch can begin with what is there": func(t *testing.T, f fixture) {
		f.create(t, "a", nil)
		f.create(t, "b", nil)
		yes := true
		w, err := f.secrets().Watch(t.Context(), metav1.ListOptions{
			SendInitialEvents: &yes, AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Stop()
		got := next(t, w, 3)
		slices.Sort(got[:2]) // a real server has no order here
		if diff := cmp.Diff([]string{"ADDED a", "ADDED b", "BOOKMARK (initial events end)"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},
}

// next returns the next n events of a watch.
func next(t *testing.T, w watch.Interface, n int) []string {
	t.Helper()
	var got []string
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for len(got) < n {
		select {
		case e := <-w.ResultChan():
			secret, ok := e.Object.(*corev1.Secret)
			if !ok {
				t.Fatalf("after %q: %v", got, e)
			}
			name := secret.Name
			if e.Type == watch.Bookmark && secret.Annotations[metav1.InitialEventsAnnotationKey] == "true" {
				name = "(initial events end)"
			}
			got = append(got, string(e.Type)+" "+name)
		case <-ctx.Done():
			t.Fatalf("only %q", got)
		}
	}
	return got
}

func TestRequestsAreRecorded(t *testing.T) {
	s := kubetest.Start(t)
	f := newFixture(t, s.Config(), "shop")
	s.Before = func(r *http.Request) error {
		if r.Method == http.MethodDelete {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "a", errors.New("no"))
		}
		return nil
	}
	f.create(t, "a", nil)
	if err := f.secrets().Delete(t.Context(), "a", metav1.DeleteOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("a delete that is refused: %v", err)
	}
	want := []kubetest.Request{
		{Verb: "create", Resource: "namespaces", Code: 201},
		{Verb: "create", Resource: "secrets", Namespace: "shop", Code: 201},
		{Verb: "delete", Resource: "secrets", Namespace: "shop", Name: "a", Code: 403},
	}
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
