package kube

import (
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// NewCore makes a typed client for the core API: Secrets, ConfigMaps, pods and
// namespaces. It finishes writes as FinishWrites says.
func NewCore(config *rest.Config) (typedcorev1.CoreV1Interface, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // the server's own priority and fairness is the limit
	// A third of the bytes, and of the time to read them.
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	FinishWrites(config)
	return typedcorev1.NewForConfig(config)
}
