package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// previous is a tool that may have applied the same manifests before us.
type previous struct {
	manager string // its field manager
	// tracks are prefixes of the labels and annotations by which the tool finds
	// its objects. It keeps them.
	tracks []string
	// once is true for a tool that goes on managing its objects: we take its
	// fields over when we apply an object for the first time. What it writes later
	// is its own, and may be a conflict.
	once bool
	// only is the operation whose fields we take over, "" for both: an Update is
	// client-side apply.
	only metav1.ManagedFieldsOperationType
}

// previousTools are the tools whose fields we take over. kubectl edit and kubectl patch are not among
// them, nor are controllers that write single fields: what they wrote is not
// from a manifest.
var previousTools = []previous{
	{manager: "kubectl-client-side-apply", tracks: []string{corev1.LastAppliedConfigAnnotation}},
	// kubectl apply --server-side; an Update is kubectl replace, set, label and
	// their kind.
	{manager: "kubectl", tracks: []string{corev1.LastAppliedConfigAnnotation}, only: metav1.ManagedFieldsOperationApply},
	{manager: "argocd-controller", tracks: []string{"argocd.argoproj.io/", "app.kubernetes.io/instance", corev1.LastAppliedConfigAnnotation}, once: true},
	{manager: "kustomize-controller", tracks: []string{"kustomize.toolkit.fluxcd.io/"}, once: true},
	{manager: "helm-controller", tracks: helmTracks, once: true},
	{manager: "helm", tracks: helmTracks, once: true},
}

var helmTracks = []string{"meta.helm.sh/", "app.kubernetes.io/managed-by", "helm.sh/chart", "helm.toolkit.fluxcd.io/"}

func previousTool(entry metav1.ManagedFieldsEntry) (previous, bool) {
	i := slices.IndexFunc(previousTools, func(p previous) bool {
		return p.manager == entry.Manager && (p.only == "" || p.only == entry.Operation)
	})
	if i < 0 || entry.Subresource != "" || entry.FieldsV1 == nil {
		return previous{}, false
	}
	return previousTools[i], true
}

// migration is how the managed fields of an object change when we take over
// those of previous tools.
type migration struct {
	fields []metav1.ManagedFieldsEntry // after it
	from   []string                    // the field managers whose fields become ours
	owned  *fieldpath.Set              // what we own after it
	first  bool                        // we have not applied the object yet
}

// isNothing reports whether we have applied the object, and take over nothing.
func (m migration) isNothing() bool { return !m.first && len(m.from) == 0 }

// migrate returns the migration of a live object, for apply in its version. With
// nothing to take over, from is empty.
//
// client-go's csaupgrade, which kubectl apply --server-side uses, would do for
// kubectl alone: it discards what a manager owns in another API version, does
// not know managers that apply, and would take over the labels and annotations
// by which Helm, Argo CD and Flux find their objects.
func migrate(live manifest.Object) migration {
	m := migration{owned: &fieldpath.Set{}}
	merged := &fieldpath.Set{}
	version, _ := live["apiVersion"].(string)
	u := unstructured.Unstructured{Object: live}
	entries, ours := u.GetManagedFields(), -1
	m.first = !slices.ContainsFunc(entries, isOurs)
	for _, entry := range entries {
		switch tool, known := previousTool(entry); {
		case isOurs(entry):
			set, err := fieldsOf(entry)
			if err != nil {
				break
			}
			m.owned = m.owned.Union(set)
			if entry.APIVersion == version {
				ours = len(m.fields)
				merged = merged.Union(set)
			}
		case known && (m.first || !tool.once) && entry.APIVersion == version:
			set, err := fieldsOf(entry)
			if err != nil {
				break
			}
			kept := tool.kept(set)
			moved := set.Difference(kept)
			if moved.Empty() {
				break
			}
			m.owned, merged = m.owned.Union(moved), merged.Union(moved)
			m.from = append(m.from, tool.manager)
			if kept.Empty() {
				continue
			}
			setFields(&entry, kept)
		}
		m.fields = append(m.fields, entry)
	}
	if len(m.from) == 0 {
		return m
	}
	if ours < 0 {
		ours = len(m.fields)
		m.fields = append(m.fields, metav1.ManagedFieldsEntry{
			Manager: kube.FieldManager, Operation: metav1.ManagedFieldsOperationApply, APIVersion: version, FieldsType: "FieldsV1",
		})
	}
	setFields(&m.fields[ours], merged)
	slices.Sort(m.from)
	m.from = slices.Compact(m.from)
	return m
}

// kept returns the fields that the tool keeps when we take over the others.
func (p previous) kept(set *fieldpath.Set) *fieldpath.Set {
	kept := &fieldpath.Set{}
	set.Iterate(func(path fieldpath.Path) {
		if p.keeps(path) {
			kept.Insert(path)
		}
	})
	return kept
}

// keeps reports whether the tool keeps a field when we take over the others.
func (p previous) keeps(path fieldpath.Path) bool {
	if len(path) != 3 || path[0].FieldName == nil || *path[0].FieldName != "metadata" || path[1].FieldName == nil || path[2].FieldName == nil {
		return false
	}
	if in := *path[1].FieldName; in != "labels" && in != "annotations" {
		return false
	}
	return slices.ContainsFunc(p.tracks, func(prefix string) bool { return strings.HasPrefix(*path[2].FieldName, prefix) })
}

func isOurs(entry metav1.ManagedFieldsEntry) bool {
	return entry.Manager == kube.FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == "" && entry.FieldsV1 != nil
}

func fieldsOf(entry metav1.ManagedFieldsEntry) (*fieldpath.Set, error) {
	set := &fieldpath.Set{}
	return set, set.FromJSON(entry.FieldsV1.GetRawReader())
}

func setFields(entry *metav1.ManagedFieldsEntry, set *fieldpath.Set) {
	var buf bytes.Buffer
	_ = set.ToJSONStream(&buf) // writing to memory does not fail
	entry.FieldsV1 = &metav1.FieldsV1{}
	entry.FieldsV1.SetRawBytes(buf.Bytes())
}

// takeOver makes the fields of previous tools ours in the cluster. It changes
// nothing but the managed fields.
func (a *Applier) takeOver(ctx context.Context, live manifest.Object) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		m := migrate(live)
		if len(m.from) == 0 {
			return nil
		}
		u := &unstructured.Unstructured{Object: live}
		err := a.patchMetadata(ctx, u, "managedFields", m.fields, metav1.PatchOptions{FieldManager: kube.FieldManager})
		if !kube.IsConflict(err) {
			return err
		}
		found, readErr := a.client.Read(ctx, []manifest.Object{live})
		if readErr != nil {
			return readErr
		}
		if live = found[live.ID()]; live == nil { // deleted: apply creates it
			return nil
		}
		return err
	})
}

// patchMetadata replaces a field of the metadata of an object, unless the object
// has changed.
func (a *Applier) patchMetadata(ctx context.Context, u *unstructured.Unstructured, field string, value any, options metav1.PatchOptions) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{field: value, "resourceVersion": u.GetResourceVersion()}})
	if err != nil {
		return err
	}
	_, err = a.client.Patch(ctx, u.Object, patch, options)
	return err
}

// withoutLeftFields returns the result of a dry run of apply as it would be
// after a migration, which that dry run cannot include: without the fields that
// become ours and are not applied, unless another manager owns them too. The
// rule is that of the API server (structured-merge-diff, merge.Updater).
func withoutLeftFields(after manifest.Object, m migration) manifest.Object {
	if after == nil || len(m.from) == 0 {
		return after
	}
	others := fieldpath.NewSet(fieldpath.MakePathOrDie("metadata")) // which has a name
	u := unstructured.Unstructured{Object: after}
	applied := slices.DeleteFunc(u.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool { return !isOurs(entry) })
	remaining := slices.DeleteFunc(slices.Clone(m.fields), isOurs)
	for _, entry := range slices.Concat(applied, remaining) {
		if entry.FieldsV1 == nil {
			continue
		}
		if set, err := fieldsOf(entry); err == nil {
			others = others.Union(set)
		}
	}
	after = after.Clone()
	removeLeft(map[string]any(after), m.owned, others)
	return after
}

// removeLeft removes what a set owns from a value, and leaves what others own.
// With the last owned field in a field, that field is removed too.
func removeLeft(v any, owned, others *fieldpath.Set) any {
	each := func(step fieldpath.PathElement) {
		child := others.WithPrefix(step)
		left := owned.Members.Has(step) || step.FieldName != nil
		if left && !others.Members.Has(step) && child.Empty() {
			v = removeStep(v, step)
			return
		}
		v = changeStep(v, step, func(item any) any { return removeLeft(item, owned.WithPrefix(step), child) })
	}
	owned.Members.Iterate(each)
	owned.Children.Iterate(func(step fieldpath.PathElement) {
		if !owned.Members.Has(step) {
			each(step)
		}
	})
	return v
}

// remaining returns a conflict without the managers that a migration takes
// over, nil if there are no others.
func (m migration) remaining(conflict error) error {
	causes := slices.DeleteFunc(conflictCauses(conflict), func(cause metav1.StatusCause) bool {
		return slices.ContainsFunc(m.from, func(manager string) bool {
			return strings.HasPrefix(cause.Message, fmt.Sprintf("conflict with %q", manager))
		})
	})
	if len(causes) == 0 {
		return nil
	}
	return apierrors.NewApplyConflict(causes, fmt.Sprintf("Apply failed with %s: %s", phrase.Count(len(causes), "conflict"), strings.Join(describe(causes), ", ")))
}
