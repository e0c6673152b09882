package workload

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Reference is an object that pods use: a Secret, a ConfigMap or a
// ClusterTrustBundle.
type Reference struct {
	Kind, Namespace, Name string
	// Signer means any ClusterTrustBundle of that signer, because pods select
	// them by labels, which may change. Name is "" then.
	Signer string
}

// References returns the objects that pods with a spec use in volumes or in
// their environment. It may have duplicates.
func References(namespace string, spec *corev1.PodSpec) []Reference {
	r := referenceReader{namespace: namespace}
	for _, v := range spec.Volumes {
		r.volume(v.VolumeSource)
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		r.environment(c)
	}
	return r.refs
}

// referenceReader collects the references of a pod.
type referenceReader struct {
	namespace string
	refs      []Reference
}

func (r *referenceReader) add(kind, name string) {
	r.refs = append(r.refs, Reference{Kind: kind, Namespace: r.namespace, Name: name})
}

func (r *referenceReader) volume(v corev1.VolumeSource) {
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

func (r *referenceReader) projection(p corev1.VolumeProjection) {
	switch {
	case p.Secret != nil:
		r.add("Secret", p.Secret.Name)
	case p.ConfigMap != nil:
		r.add("ConfigMap", p.ConfigMap.Name)
	case p.ClusterTrustBundle != nil && p.ClusterTrustBundle.Name != nil:
		r.refs = append(r.refs, Reference{Kind: "ClusterTrustBundle", Name: *p.ClusterTrustBundle.Name})
	case p.ClusterTrustBundle != nil && p.ClusterTrustBundle.SignerName != nil:
		r.refs = append(r.refs, Reference{Kind: "ClusterTrustBundle", Signer: *p.ClusterTrustBundle.SignerName})
	}
}

func (r *referenceReader) environment(c corev1.Container) {
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
