package project

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// RetainReason returns why an object that is no longer generated must stay
// in the cluster, "" for one that may be deleted. OpenShift's Proxy is never
// deleted, so the ConfigMap that it names must stay too.
func RetainReason(o manifest.Object) string {
	if o.Kind() == "ConfigMap" && o.Namespace() == v1alpha1.OpenShiftNamespace && o.Name() == v1alpha1.OpenShiftName {
		return "Proxy/cluster uses it; run oc patch proxy/cluster --type merge -p '{\"spec\":{\"trustedCA\":{\"name\":\"\"}}}', then delete it"
	}
	return ""
}
