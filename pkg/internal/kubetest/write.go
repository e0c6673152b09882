package kubetest

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
)

// errModified is what API servers say of a version that has passed.
var errModified = errors.New("the object has been modified; please apply your changes to the latest version and try again")

func (c *call) create() (int, any, error) {
	o, err := decode(c.header, c.body)
	if err != nil {
		return 0, nil, err
	}
	c.name = o.GetName()
	if o.GetResourceVersion() != "" {
		return 0, nil, apierrors.NewBadRequest("resourceVersion should not be set on objects to be created")
	}
	c.store.lock.Lock()
	defer c.store.lock.Unlock()
	if err := c.store.admit(c.kind, c.namespace); err != nil {
		return 0, nil, err
	}
	if c.store.live(c.kind, c.key()) != nil {
		return 0, nil, apierrors.NewAlreadyExists(c.kind.groupResource(), c.name)
	}
	after, err := c.kind.update(nil, o, c.manager())
	return c.finish(nil, after, err)
}

func (c *call) update() (int, any, error) {
	o, err := decode(c.header, c.body)
	if err != nil {
		return 0, nil, err
	}
	c.store.lock.Lock()
	defer c.store.lock.Unlock()
	live := c.store.live(c.kind, c.key())
	if live == nil {
		return 0, nil, c.notFound()
	}
	return c.replace(live, o)
}

// replace updates a live object.
func (c *call) replace(live, o *unstructured.Unstructured) (int, any, error) {
	if err := c.expect(live, o); err != nil {
		return 0, nil, err
	}
	after, err := c.kind.update(live, o, c.manager())
	return c.finish(live, after, err)
}

func (c *call) patch() (int, any, error) {
	c.store.lock.Lock()
	defer c.store.lock.Unlock()
	live := c.store.live(c.kind, c.key())
	kind := types.PatchType(c.header.Get("Content-Type"))
	if kind == types.ApplyPatchType {
		return c.apply(live)
	}
	if kind != types.MergePatchType && (kind != types.StrategicMergePatchType || c.kind.custom) {
		return 0, nil, apierrors.NewGenericServerResponse(http.StatusUnsupportedMediaType, "patch", c.kind.groupResource(), c.name, string(kind), 0, false)
	}
	if live == nil {
		return 0, nil, c.notFound()
	}
	before, err := live.MarshalJSON()
	if err != nil {
		return 0, nil, err
	}
	merged, err := c.kind.merge(kind, before, c.body)
	if err != nil {
		return 0, nil, apierrors.NewBadRequest(err.Error())
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(merged); err != nil {
		return 0, nil, apierrors.NewBadRequest(err.Error())
	}
	return c.replace(live, o)
}

// merge merges a patch into an object as JSON.
func (k *kind) merge(patch types.PatchType, object, body []byte) ([]byte, error) {
	if patch == types.MergePatchType {
		return jsonpatch.MergePatch(object, body)
	}
	schema, err := scheme.Scheme.New(k.GroupVersionKind)
	if err != nil {
		return nil, err
	}
	return strategicpatch.StrategicMergePatch(object, body, schema)
}

// apply is server-side apply.
func (c *call) apply(live *unstructured.Unstructured) (int, any, error) {
	o, err := decode(c.header, c.body)
	if err != nil {
		return 0, nil, err
	}
	if c.query.Get("fieldManager") == "" {
		return 0, nil, apierrors.NewBadRequest("fieldManager: Required value: is required for apply patch")
	}
	if live == nil {
		if err := cmp.Or(c.mayCreate(), c.store.admit(c.kind, c.namespace)); err != nil {
			return 0, nil, err
		}
	}
	if err := c.expect(live, o); err != nil {
		return 0, nil, err
	}
	after, err := c.kind.apply(live, o, c.manager(), c.query.Get("force") == "true")
	return c.finish(live, after, err)
}

// expect refuses a write to another version of an object, or to another object
// of the name, than the writer means. An apply that means a version creates an
// object that does not exist, as with a real API server.
func (c *call) expect(live, o *unstructured.Unstructured) error {
	if live == nil && o.GetUID() == "" {
		return nil
	}
	var version string
	var uid types.UID
	if live != nil {
		version, uid = live.GetResourceVersion(), live.GetUID()
	}
	if (o.GetResourceVersion() == "" || o.GetResourceVersion() == version) && (o.GetUID() == "" || o.GetUID() == uid) {
		return nil
	}
	return apierrors.NewConflict(c.kind.groupResource(), c.name, errModified)
}

// manager is who writes, for the managed fields.
func (c *call) manager() string {
	if manager := c.query.Get("fieldManager"); manager != "" {
		return manager
	}
	program, _, _ := strings.Cut(c.header.Get("User-Agent"), "/")
	return program
}

// finish stores what became of a live object, nil for a new one, and answers
// with it. A write that changes nothing leaves the version as it is, and so does
// a dry run.
func (c *call) finish(live, after *unstructured.Unstructured, err error) (int, any, error) {
	if err != nil {
		return 0, nil, err
	}
	after.SetName(c.name)
	if c.kind.namespaced {
		after.SetNamespace(c.namespace)
	}
	code := http.StatusCreated
	if live != nil {
		code = http.StatusOK
		after.SetUID(live.GetUID())
		after.SetCreationTimestamp(live.GetCreationTimestamp())
		after.SetDeletionTimestamp(live.GetDeletionTimestamp())
		after.SetResourceVersion(live.GetResourceVersion())
		if same(live, after) {
			return code, live, nil
		}
	}
	switch {
	case c.dryRun():
	case live != nil && live.GetDeletionTimestamp() != nil && len(after.GetFinalizers()) == 0:
		c.store.remove(c.kind, live)
	default:
		c.store.put(c.kind, live, after)
	}
	return code, after, nil
}

func (c *call) dryRun() bool { return slices.Contains(c.query["dryRun"], metav1.DryRunAll) }

// same reports whether objects are the same, but for when their fields were
// written.
func same(a, b *unstructured.Unstructured) bool {
	return equality.Semantic.DeepEqual(timeless(a), timeless(b))
}

func timeless(o *unstructured.Unstructured) map[string]any {
	o = o.DeepCopy()
	entries := o.GetManagedFields()
	for i := range entries {
		entries[i].Time = nil
	}
	o.SetManagedFields(entries)
	return o.Object
}

func (c *call) delete() (int, any, error) {
	options, err := deleteOptions(c.body)
	if err != nil {
		return 0, nil, err
	}
	c.store.lock.Lock()
	defer c.store.lock.Unlock()
	live := c.store.live(c.kind, c.key())
	if live == nil {
		return 0, nil, c.notFound()
	}
	if p := options.Preconditions; p != nil {
		if p.ResourceVersion != nil && *p.ResourceVersion != live.GetResourceVersion() || p.UID != nil && *p.UID != live.GetUID() {
			return 0, nil, apierrors.NewConflict(c.kind.groupResource(), c.name, errModified)
		}
	}
	switch {
	case c.dryRun() || slices.Contains(options.DryRun, metav1.DryRunAll):
	case len(live.GetFinalizers()) > 0 && live.GetDeletionTimestamp() == nil:
		after := live.DeepCopy()
		now := metav1.NewTime(time.Now().Truncate(time.Second))
		after.SetDeletionTimestamp(&now)
		c.store.put(c.kind, live, after)
		return http.StatusOK, after, nil
	case len(live.GetFinalizers()) == 0:
		c.store.remove(c.kind, live)
	}
	return http.StatusOK, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess}, nil
}
