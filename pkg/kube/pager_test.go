package kube

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pageOf is a page of one Secret.
func pageOf(name, next string) *corev1.SecretList {
	return &corev1.SecretList{
		ListMeta: metav1.ListMeta{Continue: next},
		Items:    []corev1.Secret{{ObjectMeta: metav1.ObjectMeta{Name: name}}},
	}
}

func expired(token string) error {
	err := apierrors.NewResourceExpired("the token is too old")
	err.ErrStatus.Continue = token
	return err
}

// TestEachPage: all pages are read, also when a continue token expires in
// between, and none after take has had enough.
func TestEachPage(t *testing.T) {
	type answer struct {
		page *corev1.SecretList
		err  error
	}
	for name, tt := range map[string]struct {
		answers map[string]answer // by continue token
		enough  string
		want    []string
		err     string
	}{
		"two pages":      {answers: map[string]answer{"": {page: pageOf("a", "1")}, "1": {page: pageOf("b", "")}}, want: []string{"a", "b"}},
		"enough":         {answers: map[string]answer{"": {page: pageOf("a", "1")}}, enough: "a", want: []string{"a"}},
		"expired":        {answers: map[string]answer{"": {page: pageOf("a", "1")}, "1": {err: expired("2")}, "2": {page: pageOf("b", "")}}, want: []string{"a", "b"}},
		"no fresh token": {answers: map[string]answer{"": {page: pageOf("a", "1")}, "1": {err: expired("")}}, want: []string{"a"}, err: "list Secrets: the token is too old"},
		"expired first":  {answers: map[string]answer{"": {err: expired("2")}}, err: "list Secrets: the token is too old"},
		"no answer":      {answers: map[string]answer{"": {err: &net.OpError{Op: "dial", Err: errors.New("refused")}}}, err: "list Secrets: cluster not reachable: dial: refused"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			list := func(_ context.Context, o metav1.ListOptions) (*corev1.SecretList, error) {
				a, there := tt.answers[o.Continue]
				if !there || o.Limit != PageSize {
					t.Errorf("listed with %+v", o)
				}
				return a.page, a.err
			}
			err := EachPage(t.Context(), "Secrets", metav1.ListOptions{Limit: PageSize}, list, func(l *corev1.SecretList) bool {
				got = append(got, l.Items[0].Name)
				return l.Items[0].Name != tt.enough
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if text := errorText(err); text != tt.err {
				t.Errorf("error %q, want %q", text, tt.err)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestInParallel: what the server says of one object stops no other job, and all
// of it is reported; silence ends the rest, and is reported once.
func TestInParallel(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want string
		all  bool
	}{
		"answers": {err: apierrors.NewBadRequest("no"), want: "no\nno", all: true},
		"silence": {err: errors.New("refused"), want: "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			const many = 10 * workers
			var ran atomic.Int32
			jobs := make([]func(context.Context) error, many)
			for i := range jobs {
				jobs[i] = func(ctx context.Context) error {
					ran.Add(1)
					if i < 2 {
						return tt.err
					}
					if !tt.all {
						<-ctx.Done()
					}
					return nil
				}
			}
			if text := errorText(InParallel(t.Context(), jobs)); text != tt.want {
				t.Errorf("error %q, want %q", text, tt.want)
			}
			if all := ran.Load() == many; all != tt.all {
				t.Errorf("%d of %d ran", ran.Load(), many)
			}
		})
	}
}
