package cli

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// recorder writes Kubernetes Events about the objects that ask for certificates.
type recorder struct{ record.EventRecorder }

func newRecorder(o *operator) *recorder {
	core, err := typedcorev1.NewForConfig(o.rest)
	if err != nil {
		return nil
	}
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: core.Events("")})
	return &recorder{broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubectl-certs"})}
}

// apiVersions are of the kinds that ask for certificates.
var apiVersions = map[string]string{
	"Certificate": "cert-manager.io/v1", "Ingress": "networking.k8s.io/v1",
	"VirtualServer": "k8s.nginx.org/v1", "Gateway": "gateway.networking.k8s.io/v1",
}

func (r *recorder) tell(e run.Event, kind, reason, message string) {
	if r == nil || e.Entry.Demand == nil {
		return
	}
	by := e.Entry.Demand.By
	about := &unstructured.Unstructured{}
	about.SetAPIVersion(apiVersions[by.Kind])
	about.SetKind(by.Kind)
	about.SetNamespace(by.Namespace)
	about.SetName(by.Name)
	r.Event(about, kind, reason, message)
}
