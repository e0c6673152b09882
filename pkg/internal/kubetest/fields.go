package kubetest

import (
	"encoding/base64"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/unstructuredscheme"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
)

// builtIn converts objects of Kubernetes' own kinds, whose schema client-go has.
var builtIn = sync.OnceValue(func() managedfields.TypeConverter { return applyconfigurations.NewTypeConverter(scheme.Scheme) })

// oneVersion is the conversion of kinds that have one version.
type oneVersion struct{ runtime.ObjectConvertor }

// ConvertToVersion implements runtime.ObjectConvertor.
func (oneVersion) ConvertToVersion(o runtime.Object, _ runtime.GroupVersioner) (runtime.Object, error) {
	return o, nil
}

// fieldManager is what merges objects of a kind, the same as in API servers.
func (k *kind) fieldManager() (*managedfields.FieldManager, error) {
	create, defaults := unstructuredscheme.NewUnstructuredCreator(), unstructuredscheme.NewUnstructuredDefaulter()
	if k.custom {
		return managedfields.NewDefaultCRDFieldManager(managedfields.NewDeducedTypeConverter(), oneVersion{}, defaults, create, k.GroupVersionKind, k.GroupVersion(), "", nil)
	}
	return managedfields.NewDefaultFieldManager(builtIn(), oneVersion{}, defaults, create, k.GroupVersionKind, k.GroupVersion(), "", nil)
}

// update returns what becomes of a live object, nil for none, by an update.
func (k *kind) update(live, o *unstructured.Unstructured, manager string) (*unstructured.Unstructured, error) {
	fields, err := k.fieldManager()
	if err != nil {
		return nil, err
	}
	o.SetGroupVersionKind(k.GroupVersionKind)
	k.convert(o)
	return merged(fields.Update(k.orNew(live), o, manager))
}

// apply returns what becomes of a live object, nil for none, by server-side
// apply.
func (k *kind) apply(live, o *unstructured.Unstructured, manager string, force bool) (*unstructured.Unstructured, error) {
	fields, err := k.fieldManager()
	if err != nil {
		return nil, err
	}
	after, err := merged(fields.Apply(k.orNew(live), o, manager, force))
	if err == nil {
		k.convert(after)
	}
	return after, err
}

func (k *kind) orNew(live *unstructured.Unstructured) *unstructured.Unstructured {
	if live != nil {
		return live.DeepCopy()
	}
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(k.GroupVersionKind)
	return o
}

func merged(o runtime.Object, err error) (*unstructured.Unstructured, error) {
	if err != nil {
		return nil, err
	}
	return o.(*unstructured.Unstructured), nil
}

// convert writes the stringData of a Secret as data, as API servers do.
func (k *kind) convert(o *unstructured.Unstructured) {
	texts, _, _ := unstructured.NestedStringMap(o.Object, "stringData")
	if k.resource != "secrets" || len(texts) == 0 {
		return
	}
	for key, text := range texts {
		_ = unstructured.SetNestedField(o.Object, base64.StdEncoding.EncodeToString([]byte(text)), "data", key)
	}
	delete(o.Object, "stringData")
}
