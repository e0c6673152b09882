package plan

import (
	"maps"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// Object has the fields of every planned object.
type Object struct {
	Namespace, Name     string
	Labels, Annotations map[string]string
	// Note is a short description of the object, and why it has this form.
	Note string
	// Part is the folder of the object in the base, "" if its kind decides.
	Part string
}

// ClusterPart is the folder of objects with a fixed namespace.
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

// with returns a copy of a map with one more entry.
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
