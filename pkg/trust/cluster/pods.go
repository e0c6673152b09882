package cluster

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/workload"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Pods returns the pods that read the selected Secrets, ConfigMaps and
// ClusterTrustBundles when they start, through a volume or the environment. It
// leaves out finished pods.
func (r *Reader) Pods(ctx context.Context, of func(usage.Ref) bool) ([]usage.Pod, error) {
	var pods []usage.Pod
	for _, namespace := range r.namespaces {
		o := metav1.ListOptions{Limit: kube.PageSize, FieldSelector: "status.phase!=Succeeded,status.phase!=Failed"}
		err := kube.EachPage(ctx, "pods", o, r.core.Pods(namespace).List, func(p *corev1.PodList) bool {
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
	for _, read := range workload.References(p.Namespace, &p.Spec) {
		ref := usage.Ref{Kind: read.Kind, Namespace: read.Namespace, Name: read.Name}
		if read.Signer != "" {
			ref.Name = usage.OfSigner(read.Signer)
		}
		pod.Reads = append(pod.Reads, ref)
	}
	slices.SortFunc(pod.Reads, usage.Ref.Compare)
	pod.Reads = slices.Compact(pod.Reads)
	return pod
}

// ownerOf returns the workload of a pod. The name of a Deployment is that of its
// ReplicaSet without the hash, which is a label of the pod.
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
