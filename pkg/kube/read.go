package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// fewObjects is up to how many objects of a kind are read one by one: the
// cluster may have thousands of others.
const fewObjects = 8

// Read returns the objects of the cluster that have the IDs of the given ones,
// after ResolveScope. Missing objects are left out.
func (c *Client) Read(ctx context.Context, objects []manifest.Object) (map[manifest.ID]manifest.Object, error) {
	byKind := map[schema.GroupVersionKind][]manifest.Object{}
	for _, o := range objects {
		byKind[KindOf(o)] = append(byKind[KindOf(o)], o)
	}
	found := map[manifest.ID]manifest.Object{}
	var lock sync.Mutex
	keep := func(u *unstructured.Unstructured) {
		o := manifest.Object(u.Object)
		lock.Lock()
		defer lock.Unlock()
		found[o.ID()] = o
	}
	var jobs []func(context.Context) error
	for kind, wanted := range byKind {
		more, err := c.readJobs(kind, wanted, keep)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, more...)
	}
	if err := InParallel(ctx, jobs); err != nil {
		return nil, err
	}
	return found, nil
}

// readJobs reads the desired objects of a kind: a few one by one, many by
// listing their namespaces.
func (c *Client) readJobs(kind schema.GroupVersionKind, wanted []manifest.Object, keep func(*unstructured.Unstructured)) ([]func(context.Context) error, error) {
	mapping, err := c.Mapping(kind)
	if err != nil {
		return nil, err
	}
	var jobs []func(context.Context) error
	if len(wanted) <= fewObjects {
		for _, o := range wanted {
			jobs = append(jobs, func(ctx context.Context) error { return c.get(ctx, mapping, o, keep) })
		}
		return jobs, nil
	}
	namespaces := map[string]bool{}
	for _, o := range wanted {
		namespaces[o.Namespace()] = true
	}
	for namespace := range namespaces {
		jobs = append(jobs, func(ctx context.Context) error {
			return c.List(ctx, mapping, namespace, metav1.ListOptions{Limit: PageSize}, keep)
		})
	}
	return jobs, nil
}

func (c *Client) get(ctx context.Context, mapping *meta.RESTMapping, o manifest.Object, keep func(*unstructured.Unstructured)) error {
	u, err := c.Resource(mapping, o.Namespace()).Get(ctx, o.Name(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", o.ID(), WrapUnavailable(err))
	}
	keep(u)
	return nil
}

// List calls keep for each object of a kind in a namespace, "" for all.
func (c *Client) List(ctx context.Context, mapping *meta.RESTMapping, namespace string, options metav1.ListOptions, keep func(*unstructured.Unstructured)) error {
	return EachPage(ctx, mapping.Resource.Resource, options, c.Resource(mapping, namespace).List, func(page *unstructured.UnstructuredList) bool {
		for i := range page.Items {
			keep(&page.Items[i])
		}
		return true
	})
}

// InParallel runs jobs, workers at a time, and returns all their errors. It
// starts no more jobs after the first connection error.
func InParallel(ctx context.Context, jobs []func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	errs := make([]error, len(jobs))
	var group errgroup.Group
	group.SetLimit(workers)
	for i, job := range jobs {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			if errs[i] = panics.Guard(func() error { return job(ctx) })(); errs[i] != nil && !IsAPIError(errs[i]) {
				stop(errs[i])
			}
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	if err := context.Cause(ctx); err != nil {
		return err // the others are only about their cancellation
	}
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool { return err == nil })...)
}

// IsAPIError reports whether an error is the server's response about an object.
// Any other error means that the server is not reachable or fails, and further
// requests would fail too.
func IsAPIError(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code < 500
}

// IsConflict reports whether an error is about fields that another field
// manager owns.
func IsConflict(err error) bool { return apierrors.IsConflict(err) }
