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

// Target is a location as Git has it.
type Target struct {
	Location usage.Location
	Certs    []*x509.Certificate
	// From are locations of the trust namespace whose CAs it is to hold too; they
	// have no namespace of their own.
	From []usage.Location
	// More is true where the cluster adds CAs that nobody here knows.
	More bool
	// Keys are those of an object that hold certificates; nil where others may
	// too.
	Keys []string
	// Proxy is the ConfigMap that OpenShift's Proxy is to name, "" if Git does
	// not say.
	Proxy string

	bundle *bundleSpec // what a Bundle is to say; nil if the location is none
}

// TargetsOf are the locations that some objects are: ConfigMaps and Secrets with CA
// certificates, Bundles and each of their targets, ClusterTrustBundles, and
// OpenShift's Proxy and the ConfigMaps that it fills. Objects without
// certificates are none. What cannot be read are errors, all of them.
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
	proxy  string           // the ConfigMap that it names, "" if there is no Proxy
	filled []usage.Location // by OpenShift
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
			w.keyed(location, configMapKeyed(&m))
		}
	case id.Group == "" && id.Kind == "Secret":
		var s corev1.Secret
		if err = fromObject(o, &s); err == nil {
			w.keyed(location, secretKeyed(withStrings(&s)))
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
		w.wrong = append(w.wrong, fmt.Errorf("%s: not as an API server takes it: %w", o.ID(), err))
	}
}

func fromObject(o manifest.Object, to any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(o.Clone(), to)
}

// withStrings puts stringData where the API server would.
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

// keyed takes in an object: as a whole where its values are parts, which may
// trade places, and else each value of its own, since readers name its key.
func (w *targetReader) keyed(location usage.Location, o dataObject) {
	h := usage.LocationState{Location: location.String()}
	keys, _ := w.values.AddAll(&h, o.wanted())
	if len(keys) == 0 { // a key store that nobody here can open is a server's
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

// text reads a location that is one text.
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

// trustManager takes in a Bundle, and each of its targets in the namespaces that
// it selects.
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

// openShift lets the Proxy stand for the ConfigMap that it names, since it is
// also all the ConfigMaps that OpenShift fills from that. Those of Git must be
// there, and have its CAs beside others.
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
