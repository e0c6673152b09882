package cluster

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Pods are those that read any of some Secrets, ConfigMaps and
// ClusterTrustBundles when they start, by a volume or in their environment.
// Those that have ended are left out.
func (r *Reader) Pods(ctx context.Context, of func(usage.Ref) bool) ([]usage.Pod, error) {
	var pods []usage.Pod
	for _, namespace := range r.namespaces {
		o := metav1.ListOptions{Limit: pageSize, FieldSelector: "status.phase!=Succeeded,status.phase!=Failed"}
		err := pages(ctx, "pods", o, r.core.Pods(namespace).List, func(p *corev1.PodList) bool {
			for i := range p.Items {
				pod := podOf(&p.Items[i])
				pod.Reads = slices.DeleteFunc(pod.Reads, func(ref usage.Ref) bool { return !of(ref) })
				if len(pod.Reads) > 0 {
					pods = append(pods, pod)
				}
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(pods, func(a, b usage.Pod) int { return a.Ref.Compare(b.Ref) })
	return pods, nil
}

func podOf(p *corev1.Pod) usage.Pod {
	pod := usage.Pod{
		Ref:     usage.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name},
		Owner:   ownerOf(p),
		Labels:  p.Labels,
		Created: p.CreationTimestamp.Time,
	}
	if p.Status.StartTime != nil {
		pod.Started = p.Status.StartTime.Time
	}
	reads := reader{namespace: p.Namespace}
	for _, v := range p.Spec.Volumes {
		reads.volume(v.VolumeSource)
	}
	for _, c := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) {
		reads.environment(c)
	}
	slices.SortFunc(reads.refs, usage.Ref.Compare)
	pod.Reads = slices.Compact(reads.refs)
	return pod
}

// ownerOf is the workload of a pod. A Deployment is found by the name of its
// ReplicaSet, which ends in the hash that the pod bears.
func ownerOf(p *corev1.Pod) usage.Ref {
	owner := metav1.GetControllerOf(p)
	if owner == nil {
		return usage.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}
	}
	ref := usage.Ref{Kind: owner.Kind, Namespace: p.Namespace, Name: owner.Name}
	hash := p.Labels["pod-template-hash"]
	if name, cut := strings.CutSuffix(owner.Name, "-"+hash); cut && hash != "" && owner.Kind == "ReplicaSet" {
		ref.Kind, ref.Name = "Deployment", name
	}
	return ref
}

// reader gathers what a pod reads when it starts.
type reader struct {
	namespace string
	refs      []usage.Ref
}

func (r *reader) add(kind, name string) {
	ref := usage.Ref{Kind: kind, Namespace: r.namespace, Name: name}
	if kind == "ClusterTrustBundle" {
		ref.Namespace = ""
	}
	r.refs = append(r.refs, ref)
}

func (r *reader) volume(v corev1.VolumeSource) {
	switch {
	case v.Secret != nil:
		r.add("Secret", v.Secret.SecretName)
	case v.ConfigMap != nil:
		r.add("ConfigMap", v.ConfigMap.Name)
	case v.Projected != nil:
		for _, source := range v.Projected.Sources {
			r.projection(source)
		}
	}
}

func (r *reader) projection(p corev1.VolumeProjection) {
	switch {
	case p.Secret != nil:
		r.add("Secret", p.Secret.Name)
	case p.ConfigMap != nil:
		r.add("ConfigMap", p.ConfigMap.Name)
	case p.ClusterTrustBundle != nil && p.ClusterTrustBundle.Name != nil:
		r.add("ClusterTrustBundle", *p.ClusterTrustBundle.Name)
	case p.ClusterTrustBundle != nil && p.ClusterTrustBundle.SignerName != nil:
		// Any of the signer's: which, its labels decide and may change.
		r.add("ClusterTrustBundle", usage.OfSigner(*p.ClusterTrustBundle.SignerName))
	}
}

func (r *reader) environment(c corev1.Container) {
	for _, from := range c.EnvFrom {
		if from.SecretRef != nil {
			r.add("Secret", from.SecretRef.Name)
		}
		if from.ConfigMapRef != nil {
			r.add("ConfigMap", from.ConfigMapRef.Name)
		}
	}
	for _, v := range c.Env {
		switch {
		case v.ValueFrom == nil:
		case v.ValueFrom.SecretKeyRef != nil:
			r.add("Secret", v.ValueFrom.SecretKeyRef.Name)
		case v.ValueFrom.ConfigMapKeyRef != nil:
			r.add("ConfigMap", v.ValueFrom.ConfigMapKeyRef.Name)
		}
	}
}
