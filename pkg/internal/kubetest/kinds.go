package kubetest

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// kind is one kind of objects that the server keeps.
type kind struct {
	schema.GroupVersionKind
	resource   string
	namespaced bool
	// custom is set for kinds whose schema client-go lacks. The server merges
	// their lists as a whole.
	custom bool
}

func (k *kind) groupResource() schema.GroupResource {
	return schema.GroupResource{Group: k.Group, Resource: k.resource}
}

// apiVersions are the versions that the server serves, and their kinds, each with
// its resource. A star marks kinds without a namespace.
var apiVersions = []struct {
	version string
	kinds   string
	custom  bool
}{
	{version: "v1", kinds: "Namespace*/namespaces Node*/nodes Secret/secrets ConfigMap/configmaps Service/services Pod/pods ServiceAccount/serviceaccounts Event/events ReplicationController/replicationcontrollers"},
	{version: "apps/v1", kinds: "Deployment/deployments StatefulSet/statefulsets DaemonSet/daemonsets ReplicaSet/replicasets"},
	{version: "batch/v1", kinds: "Job/jobs CronJob/cronjobs"},
	{version: "coordination.k8s.io/v1", kinds: "Lease/leases"},
	{version: "networking.k8s.io/v1", kinds: "Ingress/ingresses IngressClass*/ingressclasses"},
	{version: "rbac.authorization.k8s.io/v1", kinds: "Role/roles RoleBinding/rolebindings ClusterRole*/clusterroles ClusterRoleBinding*/clusterrolebindings"},
	{version: "admissionregistration.k8s.io/v1", kinds: "ValidatingWebhookConfiguration*/validatingwebhookconfigurations MutatingWebhookConfiguration*/mutatingwebhookconfigurations"},
	{version: "apiextensions.k8s.io/v1", custom: true, kinds: "CustomResourceDefinition*/customresourcedefinitions"},
	{version: "apiregistration.k8s.io/v1", custom: true, kinds: "APIService*/apiservices"},
	{version: "certificates.k8s.io/v1beta1", kinds: "ClusterTrustBundle*/clustertrustbundles"},
	{version: "cert-manager.io/v1", custom: true, kinds: "Certificate/certificates CertificateRequest/certificaterequests Issuer/issuers ClusterIssuer*/clusterissuers"},
	{version: "acme.cert-manager.io/v1", custom: true, kinds: "Order/orders Challenge/challenges"},
	{version: "gateway.networking.k8s.io/v1", custom: true, kinds: "GatewayClass*/gatewayclasses Gateway/gateways ListenerSet/listenersets HTTPRoute/httproutes"},
	{version: "k8s.nginx.org/v1", custom: true, kinds: "VirtualServer/virtualservers VirtualServerRoute/virtualserverroutes TransportServer/transportservers"},
	{version: "externaldns.k8s.io/v1alpha1", custom: true, kinds: "DNSEndpoint/dnsendpoints"},
	{version: "trust.cert-manager.io/v1alpha1", custom: true, kinds: "Bundle*/bundles"},
	{version: "trust-manager.io/v1alpha2", custom: true, kinds: "ClusterBundle*/clusterbundles"},
	{version: "config.openshift.io/v1", custom: true, kinds: "Proxy*/proxies"},
}

// kindsWithout returns the kinds of all groups but the absent ones.
func kindsWithout(absent []string) []*kind {
	var kinds []*kind
	for _, v := range apiVersions {
		version, err := schema.ParseGroupVersion(v.version)
		if err != nil {
			panic(err)
		}
		if slices.Contains(absent, version.Group) {
			continue
		}
		for word := range strings.FieldsSeq(v.kinds) {
			name, resource, _ := strings.Cut(word, "/")
			name, clusterWide := strings.CutSuffix(name, "*")
			kinds = append(kinds, &kind{GroupVersionKind: version.WithKind(name), resource: resource, namespaced: !clusterWide, custom: v.custom})
		}
	}
	return kinds
}

// definedBy returns the kinds that a CustomResourceDefinition defines.
func definedBy(crd *unstructured.Unstructured) []*kind {
	group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
	scope, _, _ := unstructured.NestedString(crd.Object, "spec", "scope")
	name, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	resource, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "plural")
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	var kinds []*kind
	for _, v := range versions {
		version, _ := v.(map[string]any)["name"].(string)
		kinds = append(kinds, &kind{
			GroupVersionKind: schema.GroupVersionKind{Group: group, Version: version, Kind: name},
			resource:         resource, namespaced: scope == "Namespaced", custom: true,
		})
	}
	return kinds
}

// find returns the kind of a resource, nil if there is none.
func find(kinds []*kind, resource schema.GroupVersionResource) *kind {
	i := slices.IndexFunc(kinds, func(k *kind) bool {
		return k.GroupVersion() == resource.GroupVersion() && k.resource == resource.Resource
	})
	if i < 0 {
		return nil
	}
	return kinds[i]
}

// resourcesOf is what discovery says of the kinds of a version, nil if the
// server has none.
func resourcesOf(kinds []*kind, version string) *metav1.APIResourceList {
	list := &metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: version}
	for _, k := range kinds {
		if k.GroupVersion().String() == version {
			list.APIResources = append(list.APIResources, metav1.APIResource{
				Name: k.resource, SingularName: strings.ToLower(k.Kind), Kind: k.Kind, Namespaced: k.namespaced,
				Verbs: metav1.Verbs{"create", "delete", "get", "list", "patch", "update", "watch"},
			})
		}
	}
	if list.APIResources == nil {
		return nil
	}
	return list
}

// groupsOf is what discovery says of the groups of the kinds.
func groupsOf(kinds []*kind) *metav1.APIGroupList {
	list := &metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{}}
	for _, k := range kinds {
		if k.Group == "" || slices.ContainsFunc(list.Groups, func(g metav1.APIGroup) bool { return g.Name == k.Group }) {
			continue
		}
		version := metav1.GroupVersionForDiscovery{GroupVersion: k.GroupVersion().String(), Version: k.Version}
		list.Groups = append(list.Groups, metav1.APIGroup{Name: k.Group, Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version})
	}
	slices.SortFunc(list.Groups, func(a, b metav1.APIGroup) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
