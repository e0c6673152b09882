package kube

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// FieldManager is our name as a field manager.
const FieldManager = "kubectl-certs"

// workers is the number of concurrent requests. client-go waits if the server
// is overloaded (429 and Retry-After).
const workers = 16

// Client is a client for one cluster.
type Client struct {
	dynamic   dynamic.Interface
	mapper    meta.RESTMapper
	namespace string
}

// New returns a client. namespace is that of namespaced objects without one.
func New(config *rest.Config, mapper meta.RESTMapper, namespace string) (*Client, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // the server's own priority and fairness is the limit
	FinishWrites(config)
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &Client{dynamic: client, mapper: mapper, namespace: namespace}, nil
}

// KindOf returns the group, version and kind of an object.
func KindOf(o manifest.Object) schema.GroupVersionKind {
	version, _ := o["apiVersion"].(string)
	return schema.FromAPIVersionAndKind(version, o.Kind())
}

// Mapping returns the REST mapping of a kind. If the server does not serve the
// kind, the error is a *meta.NoKindMatchError.
func (c *Client) Mapping(kind schema.GroupVersionKind) (*meta.RESTMapping, error) {
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err == nil || meta.IsNoMatchError(err) || isUnavailable(err) {
		return mapping, WrapUnavailable(err)
	}
	return nil, fmt.Errorf("find %s on the server: %w", kind.Kind, err)
}

// Namespace is the namespace of namespaced objects without one.
func (c *Client) Namespace() string { return c.namespace }

// Reset discards cached discovery results.
func (c *Client) Reset() {
	if m, ok := c.mapper.(meta.ResettableRESTMapper); ok {
		m.Reset()
	}
}

// Resource returns the client for one object.
func (c *Client) Resource(mapping *meta.RESTMapping, namespace string) dynamic.ResourceInterface {
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return c.dynamic.Resource(mapping.Resource).Namespace(namespace)
	}
	return c.dynamic.Resource(mapping.Resource)
}

// ResolveScope sets the namespace of every namespaced object, and returns the
// objects with a kind that the server serves. It returns the other kinds, each
// once.
func (c *Client) ResolveScope(objects []manifest.Object) (placed []manifest.Object, unknown []schema.GroupVersionKind, err error) {
	scopes := map[schema.GroupVersionKind]*meta.RESTMapping{}
	for _, o := range objects {
		kind := KindOf(o)
		mapping, asked := scopes[kind]
		if !asked {
			mapping, err = c.Mapping(kind)
			switch {
			case meta.IsNoMatchError(err):
				unknown = append(unknown, kind)
			case err != nil:
				return nil, nil, err
			}
			scopes[kind] = mapping
		}
		if mapping == nil {
			continue
		}
		if mapping.Scope.Name() == meta.RESTScopeNameNamespace && o.Namespace() == "" {
			o = o.Clone()
			o.Map("metadata")["namespace"] = c.namespace
		}
		placed = append(placed, o)
	}
	return placed, unknown, nil
}

func toUnstructured(o manifest.Object) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: o.Clone()}
}
