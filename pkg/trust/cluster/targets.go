package cluster

import (
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Target is a location with its desired state in Git.
type Target struct {
	Location usage.Location
	Certs    []*x509.Certificate
	// From are locations in the trust namespace that the cluster adds CAs from.
	// Their Namespace is empty.
	From []usage.Location
	// More is true if the cluster adds unknown CAs.
	More bool
	// Keys are the keys of an object that must hold certificates, and no others;
	// nil for any keys.
	Keys []string
	// Proxy is the ConfigMap that OpenShift's Proxy must name; "" if Git does not
	// set it.
	Proxy string

	bundle *bundleSpec // the desired Bundle; nil for other locations
}

// TargetsOf returns the locations that some objects define: ConfigMaps and
// Secrets with CA certificates, Bundles and each of their targets,
// ClusterTrustBundles, and OpenShift's Proxy and the ConfigMaps that it fills. It
// skips objects without certificates. The errors are all objects and values that
// cannot be parsed.
func TargetsOf(objects []manifest.Object, values *usage.Values) ([]Target, []error) {
	w := targetReader{values: values}
	for _, o := range objects {
		w.object(o)
	}
	return w.openShift(), w.wrong
}

type targetReader struct {
	values *usage.Values
	found  []Target
	proxy  string           // the ConfigMap that the Proxy names, or ""
	filled []usage.Location // ConfigMaps that OpenShift fills
	wrong  []error
}

func (w *targetReader) object(o manifest.Object) {
	location := usage.Location{Kind: o.Kind(), Namespace: o.Namespace(), Name: o.Name()}
	var err error
	switch id := o.ID(); {
	case id.Group == "" && id.Kind == "ConfigMap":
		var m corev1.ConfigMap
		switch err = fromObject(o, &m); {
		case err != nil:
		case m.Labels[injectLabel] == "true":
			location.Key = openShiftKey
			w.filled = append(w.filled, location)
		default:
			w.dataObject(location, configMapData(&m))
		}
	case id.Group == "" && id.Kind == "Secret":
		var s corev1.Secret
		if err = fromObject(o, &s); err == nil {
			w.dataObject(location, secretData(withStrings(&s)))
		}
	case id.Group == bundles.kind.Group && id.Kind == bundles.kind.Kind:
		err = w.trustManager(location, o, bundles)
	case id.Group == clusterBundles.kind.Group && id.Kind == clusterBundles.kind.Kind:
		err = w.trustManager(location, o, clusterBundles)
	case id.Group == "certificates.k8s.io" && id.Kind == bundleKind:
		text, _ := o.Map("spec")["trustBundle"].(string)
		w.found = append(w.found, Target{Location: location, Certs: w.text(location, text)})
	case id.Group == proxyKind.Group && id.Kind == proxyKind.Kind:
		w.proxy, _ = o.Map("spec", "trustedCA")["name"].(string)
	}
	if err != nil {
		w.wrong = append(w.wrong, fmt.Errorf("%s: an API server would reject it: %w", o.ID(), err))
	}
}

func fromObject(o manifest.Object, to any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(o.Clone(), to)
}

// withStrings moves stringData to data, as the API server does.
func withStrings(s *corev1.Secret) *corev1.Secret {
	if len(s.StringData) == 0 {
		return s
	}
	all := *s
	all.Data = maps.Clone(s.Data)
	if all.Data == nil {
		all.Data = map[string][]byte{}
	}
	for key, value := range s.StringData {
		all.Data[key] = []byte(value)
	}
	return &all
}

// dataObject adds an object: one target if its values are numbered files, and
// otherwise one for each value, because readers name its key.
func (w *targetReader) dataObject(location usage.Location, o dataObject) {
	h := usage.LocationState{Location: location.String()}
	keys, _ := w.values.AddAll(&h, o.trusted())
	if len(keys) == 0 { // a keystore with an unknown password is a server's
		h.Damage = slices.DeleteFunc(h.Damage, func(d string) bool { return strings.HasSuffix(d, cabundle.ErrPassword.Error()) })
	}
	w.damaged(h)
	if usage.Numbered(keys) {
		w.found = append(w.found, Target{Location: location, Certs: h.Certs, Keys: keys})
		return
	}
	for _, key := range keys {
		var one usage.LocationState
		w.values.Add(&one, key, o.values[key], true)
		location.Key = key
		w.found = append(w.found, Target{Location: location, Certs: one.Certs, Keys: keys})
	}
}

// text reads a location that is one string.
func (w *targetReader) text(location usage.Location, text string) []*x509.Certificate {
	h := usage.LocationState{Location: location.String()}
	w.values.Add(&h, "", []byte(text), true)
	w.damaged(h)
	return h.Certs
}

func (w *targetReader) damaged(h usage.LocationState) {
	for _, damage := range h.Damage {
		w.wrong = append(w.wrong, fmt.Errorf("%s: cannot be read: %s", h.Location, damage))
	}
}

// trustManager adds a Bundle, and each of its targets in the namespaces that it
// selects.
func (w *targetReader) trustManager(location usage.Location, o manifest.Object, v version) error {
	t, err := v.read(o.Map("spec"))
	if err != nil {
		return err
	}
	if _, err := metav1.LabelSelectorAsSelector(t.selector); err != nil {
		return err
	}
	var certs []*x509.Certificate
	if len(t.inLine) > 0 {
		certs = w.text(location, t.text())
	}
	w.values.Passwords = append(w.values.Passwords, t.secrets...)
	w.found = append(w.found, Target{Location: location, Certs: certs, bundle: &t})
	for _, target := range t.targets {
		target.Namespace, target.Name, target.Selected = usage.Everywhere, location.Name, t.selector
		w.found = append(w.found, Target{Location: target, Certs: certs, From: slices.Clone(t.refs), More: t.unknown || t.defaults})
	}
	return nil
}

// openShift replaces the ConfigMap that the Proxy names with the location
// openshift, which also means all ConfigMaps that OpenShift fills from it. Those
// in Git must exist and hold its CAs beside others.
func (w *targetReader) openShift() []Target {
	var certs []*x509.Certificate
	if w.proxy != "" {
		i := slices.IndexFunc(w.found, func(f Target) bool {
			p := f.Location
			return p.Kind == "ConfigMap" && p.Namespace == openShiftInput && p.Name == w.proxy && p.Key == openShiftKey
		})
		own := Target{Location: usage.Location{Kind: usage.OpenShift}, Proxy: w.proxy, More: i < 0}
		if i >= 0 {
			certs, own.Certs = w.found[i].Certs, w.found[i].Certs
			w.found = slices.Delete(w.found, i, i+1)
		}
		w.found = append(w.found, own)
	}
	for _, location := range w.filled {
		w.found = append(w.found, Target{Location: location, Certs: certs, More: true})
	}
	return w.found
}
