package kubetest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// call is a request for objects of a kind.
type call struct {
	store           *store
	kind            *kind
	namespace, name string
	query           url.Values
	header          http.Header
	body            []byte
	mayCreate       func() error // asks the authorizer
}

func (c *call) key() types.NamespacedName {
	return types.NamespacedName{Namespace: c.namespace, Name: c.name}
}

func (c *call) notFound() error { return apierrors.NewNotFound(c.kind.groupResource(), c.name) }

func (c *call) get() (int, any, error) {
	c.store.lock.Lock()
	defer c.store.lock.Unlock()
	o := c.store.live(c.kind, c.key())
	if o == nil {
		return 0, nil, c.notFound()
	}
	return http.StatusOK, o, nil
}

// list answers with a page of objects. A page begins after the object that the
// continue token names.
func (c *call) list() (int, any, error) {
	selected, err := c.selector()
	if err != nil {
		return 0, nil, err
	}
	limit, _ := strconv.Atoi(c.query.Get("limit"))
	after, err := base64.RawURLEncoding.DecodeString(c.query.Get("continue"))
	if err != nil {
		return 0, nil, apierrors.NewBadRequest("continue key is not valid: " + err.Error())
	}
	c.store.lock.Lock()
	defer c.store.lock.Unlock()
	metadata := map[string]any{"resourceVersion": strconv.FormatInt(c.store.version, 10)}
	items := []any{}
	var last string
	for _, o := range c.store.all(c.kind, c.namespace) {
		if key := keyOf(o); selected(o) && key > string(after) {
			if limit > 0 && len(items) == limit {
				metadata["continue"] = base64.RawURLEncoding.EncodeToString([]byte(last))
				break
			}
			items, last = append(items, o.DeepCopy().Object), key
		}
	}
	version, name := c.kind.ToAPIVersionAndKind()
	return http.StatusOK, map[string]any{"apiVersion": version, "kind": name + "List", "metadata": metadata, "items": items}, nil
}

// selector returns whether the request selects an object.
func (c *call) selector() (func(*unstructured.Unstructured) bool, error) {
	byLabel, err := labels.Parse(c.query.Get("labelSelector"))
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	byField, err := fields.ParseSelector(c.query.Get("fieldSelector"))
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	for _, r := range byField.Requirements() {
		if !c.kind.selects(r.Field) {
			return nil, apierrors.NewBadRequest("field label not supported: " + r.Field)
		}
	}
	return func(o *unstructured.Unstructured) bool {
		if o == nil || !byLabel.Matches(labels.Set(o.GetLabels())) {
			return false
		}
		set := fields.Set{}
		for _, r := range byField.Requirements() {
			set[r.Field], _, _ = unstructured.NestedString(o.Object, strings.Split(r.Field, ".")...)
		}
		return byField.Matches(set)
	}, nil
}

// selects reports whether a field may be in field selectors.
func (k *kind) selects(field string) bool {
	switch field {
	case "metadata.name":
		return true
	case "metadata.namespace":
		return k.namespaced
	case "type":
		return k.resource == "secrets" || k.resource == "events"
	case "spec.nodeName", "status.phase":
		return k.resource == "pods"
	}
	return false
}
