package plan

import (
	"maps"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// Object is what every planned object has.
type Object struct {
	Namespace, Name     string
	Labels, Annotations map[string]string
	// Note says in a few words what the object is for, and why in this form.
	Note string
	// Part is the folder of the base that the object belongs in, "" where its
	// kind says.
	Part string
}

// ClusterPart is where objects are whose namespace nobody is to change.
const ClusterPart = "cluster"

// Certificate is an explicit Certificate object.
type Certificate struct {
	Object
	Spec cm.CertificateSpec
}

// Annotations of cert-manager and of NGINX Ingress Controller that the plan
// sets.
const (
	TemporaryAnnotation   = "cert-manager.io/issue-temporary-certificate"
	EditInPlaceAnnotation = "acme.cert-manager.io/http01-edit-in-place"
	OverrideIngress       = "acme.cert-manager.io/http01-override-ingress-name"
	ParentRefName         = "acme.cert-manager.io/http01-parentrefname"
	ParentRefKind         = "acme.cert-manager.io/http01-parentrefkind"
	MergeableAnnotation   = "nginx.org/mergeable-ingress-type"
)

// with returns a map with one more entry; the first map is not changed.
func with(m map[string]string, key, value string) map[string]string {
	if value == "" {
		return m
	}
	c := maps.Clone(m)
	if c == nil {
		c = map[string]string{}
	}
	c[key] = value
	return c
}
