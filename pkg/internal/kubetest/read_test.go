package kubetest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

var readTests = serverTests{
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
