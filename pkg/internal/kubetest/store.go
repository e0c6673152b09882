package kubetest

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// store holds the objects, and every change to them.
type store struct {
	lock    sync.Mutex
	kinds   []*kind
	version int64 // of the last change
	objects map[schema.GroupResource]map[types.NamespacedName]*unstructured.Unstructured
	log     []change
	changed chan struct{} // closed at the next change
}

// change is a change of one object. Before is nil for a new one, after for one
// that was deleted.
type change struct {
	kind          *kind
	version       int64
	before, after *unstructured.Unstructured
}

func (s *store) init(kinds []*kind) {
	s.kinds, s.changed = kinds, make(chan struct{})
	s.objects = map[schema.GroupResource]map[types.NamespacedName]*unstructured.Unstructured{}
	namespaces := find(kinds, schema.GroupVersionResource{Version: "v1", Resource: "namespaces"})
	for _, name := range []string{metav1.NamespaceDefault, metav1.NamespaceSystem} {
		s.put(namespaces, nil, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
		}})
	}
}

// served returns the kinds that the server knows now.
func (s *store) served() []*kind {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.kinds)
}

// live returns a copy of an object, nil if there is none.
func (s *store) live(k *kind, name types.NamespacedName) *unstructured.Unstructured {
	return s.objects[k.groupResource()][name].DeepCopy()
}

// all returns the objects of a kind in a namespace, in all if it is "".
func (s *store) all(k *kind, namespace string) []*unstructured.Unstructured {
	var found []*unstructured.Unstructured
	for name, o := range s.objects[k.groupResource()] {
		if namespace == "" || name.Namespace == namespace {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b *unstructured.Unstructured) int { return cmp.Compare(keyOf(a), keyOf(b)) })
	return found
}

func keyOf(o *unstructured.Unstructured) string { return o.GetNamespace() + "/" + o.GetName() }

// put stores what became of a live object, nil for a new one.
func (s *store) put(k *kind, live, after *unstructured.Unstructured) {
	if live == nil {
		after.SetUID(uuid.NewUUID())
		after.SetCreationTimestamp(metav1.NewTime(time.Now().Truncate(time.Second)))
	}
	s.version++
	after.SetResourceVersion(strconv.FormatInt(s.version, 10))
	if k.Kind == "CustomResourceDefinition" {
		s.define(after)
	}
	of := s.objects[k.groupResource()]
	if of == nil {
		of = map[types.NamespacedName]*unstructured.Unstructured{}
		s.objects[k.groupResource()] = of
	}
	of[types.NamespacedName{Namespace: after.GetNamespace(), Name: after.GetName()}] = after.DeepCopy()
	s.record(change{k, s.version, live, after.DeepCopy()})
}

// remove deletes a live object.
func (s *store) remove(k *kind, live *unstructured.Unstructured) {
	delete(s.objects[k.groupResource()], types.NamespacedName{Namespace: live.GetNamespace(), Name: live.GetName()})
	s.version++
	s.record(change{k, s.version, live, nil})
}

func (s *store) record(c change) {
	s.log = append(s.log, c)
	close(s.changed)
	s.changed = make(chan struct{})
}

// since returns the changes after a version, and what is closed at the next.
func (s *store) since(version int64) ([]change, <-chan struct{}) {
	s.lock.Lock()
	defer s.lock.Unlock()
	i, _ := slices.BinarySearchFunc(s.log, version+1, func(c change, v int64) int { return cmp.Compare(c.version, v) })
	return s.log[i:], s.changed
}

// define serves the kinds of a CustomResourceDefinition.
func (s *store) define(crd *unstructured.Unstructured) {
	for _, k := range definedBy(crd) {
		if find(s.kinds, k.GroupVersion().WithResource(k.resource)) == nil {
			s.kinds = append(s.kinds, k)
		}
	}
	established := map[string]any{"type": "Established", "status": "True"}
	_ = unstructured.SetNestedSlice(crd.Object, []any{established}, "status", "conditions")
}

// admit refuses new objects in a namespace that is missing.
func (s *store) admit(k *kind, namespace string) error {
	if k.namespaced && s.objects[schema.GroupResource{Resource: "namespaces"}][types.NamespacedName{Name: namespace}] == nil {
		return apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, namespace)
	}
	return nil
}
