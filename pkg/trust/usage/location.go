package usage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Location names one or more objects in a cluster that hold trusted CA
// certificates.
type Location struct {
	// Kind is ConfigMap, Secret, Bundle, ClusterBundle or ClusterTrustBundle;
	// Component for what workloads mount with the component of that name;
	// OpenShift for what its nodes and pods trust; "" for objects of any kind
	// with the name.
	Kind string
	// Namespace is "" for the namespace of the context, and Everywhere for all.
	Namespace, Name string
	// Hashed is true for a ConfigMap or Secret with a hash of its content in its
	// name. Each change makes a new object, and the newest one counts.
	Hashed bool
	Key    string // of a ConfigMap or Secret; "" for all that hold certificates
	// Selected selects the namespaces that must have it, for Everywhere; nil
	// means the namespaces that have it. String leaves it out.
	Selected *metav1.LabelSelector
	// Optional is true for a component that need not be mounted. String leaves
	// it out.
	Optional bool
}

// IsObjectName reports whether a text can be the name of most objects: lower-case
// letters, digits, - and . with a letter or digit at both ends.
func IsObjectName(s string) bool { return objectName.MatchString(s) }

// hashed ends the name of a location whose objects have a hash suffix.
const hashed = "-*"

// Everywhere means all namespaces.
const Everywhere = "*"

// OpenShift is the kind and the name of the location for the CAs of a cluster's
// Proxy and of the ConfigMaps that they are injected into.
const OpenShift = "openshift"

// Component is the kind of location that a component for pods mounts.
const Component = "Component"

var locationKinds = map[string]string{
	"configmap": "ConfigMap", "configmaps": "ConfigMap", "cm": "ConfigMap",
	"secret": "Secret", "secrets": "Secret",
	"bundle": "Bundle", "bundles": "Bundle",
	"clusterbundle": "ClusterBundle", "clusterbundles": "ClusterBundle",
	"clustertrustbundle": "ClusterTrustBundle", "clustertrustbundles": "ClusterTrustBundle", "ctb": "ClusterTrustBundle",
	"component": Component, "components": Component,
}

var (
	objectName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	bundleName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$`)
	keyName    = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
)

const locationForms = "must be configmap/NAMESPACE/NAME[:KEY], secret/…, bundle/NAME, clusterbundle/NAME, clustertrustbundle/NAME, component/[NAMESPACE/]NAME, openshift, or the NAME of any of them"

// ParseLocation parses a location of the command line or of a file.
func ParseLocation(s string) (Location, error) {
	bad := func() (Location, error) { return Location{}, fmt.Errorf("%q: %s", s, locationForms) }
	parts := strings.Split(s, "/")
	if len(parts) == 1 {
		switch {
		case s == OpenShift:
			return Location{Kind: OpenShift}, nil
		case !IsObjectName(s):
			return bad()
		}
		return Location{Name: s}, nil
	}
	kind, known := locationKinds[strings.ToLower(parts[0])]
	p := Location{Kind: kind, Name: parts[len(parts)-1]}
	namespaced := slices.Contains([]string{"ConfigMap", "Secret"}, kind)
	switch {
	case !known, len(parts) > 3, len(parts) == 3 && !namespaced && kind != Component:
		return bad()
	case !namespaced && !bundleName.MatchString(p.Name):
		return bad()
	case len(parts) == 3 && !namespaced: // a component; "" means all namespaces
		if p.Namespace = strings.TrimPrefix(parts[1], Everywhere); p.Namespace != "" && !IsObjectName(p.Namespace) {
			return bad()
		}
		return p, nil
	case !namespaced:
		return p, nil
	}
	name, key, keyed := strings.Cut(p.Name, ":")
	name, p.Hashed = strings.CutSuffix(name, hashed)
	p.Name, p.Key = name, key
	if len(parts) == 3 {
		p.Namespace = parts[1]
	}
	switch {
	case keyed && !keyName.MatchString(key), !IsObjectName(name):
		return bad()
	case len(parts) == 3 && p.Namespace != Everywhere && !IsObjectName(p.Namespace):
		return bad()
	}
	return p, nil
}

// String returns the form that ParseLocation parses.
func (p Location) String() string {
	switch {
	case p.Kind == OpenShift:
		return OpenShift
	case p.Kind == "":
		return p.Name
	}
	s := Ref{Kind: p.Kind, Namespace: p.Namespace, Name: p.Name}.String()
	if p.Hashed {
		s += hashed
	}
	if p.Key != "" {
		s += ":" + p.Key
	}
	return s
}

// Vague reports whether the namespace comes from the context.
func (p Location) Vague() bool {
	return p.Namespace == "" && (p.Kind == "ConfigMap" || p.Kind == "Secret")
}
