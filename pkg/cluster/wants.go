package cluster

import (
	"crypto/x509"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
)

// Wanted is a place as Git has it.
type Wanted struct {
	Place rotation.Place
	Certs []*x509.Certificate
	// From are places of the trust namespace whose CAs it is to hold too; they
	// have no namespace of their own.
	From []rotation.Place
	// More is true where the cluster adds CAs that nobody here knows.
	More bool
}

// Wants are the places that some objects are: ConfigMaps and Secrets with CA
// certificates, Bundles, ClusterTrustBundles, and OpenShift's Proxy. Objects
// without certificates are none. What cannot be read are errors, all of them.
func Wants(objects []manifest.Object, values *rotation.Values) ([]Wanted, []error) {
	w := wantsReader{values: values}
	for _, o := range objects {
		w.object(o)
	}
	return w.openShift(), w.wrong
}

type wantsReader struct {
	values *rotation.Values
	found  []Wanted
	proxy  string // the ConfigMap that it names, "" if there is no Proxy
	wrong  []error
}

func (w *wantsReader) object(o manifest.Object) {
	place := rotation.Place{Kind: o.Kind(), Namespace: o.Namespace(), Name: o.Name()}
	var err error
	switch id := o.ID(); {
	case id.Group == "" && id.Kind == "ConfigMap":
		var m corev1.ConfigMap
		if err = fromObject(o, &m); err == nil {
			w.keyed(place, configMapKeyed(&m))
		}
	case id.Group == "" && id.Kind == "Secret":
		var s corev1.Secret
		if err = fromObject(o, &s); err == nil {
			w.keyed(place, secretKeyed(withStrings(&s)))
		}
	case id.Group == bundles.kind.Group && id.Kind == bundles.kind.Kind:
		err = w.trustManager(place, o, bundles)
	case id.Group == clusterBundles.kind.Group && id.Kind == clusterBundles.kind.Kind:
		err = w.trustManager(place, o, clusterBundles)
	case id.Group == "certificates.k8s.io" && id.Kind == bundleKind:
		text, _ := o.Map("spec")["trustBundle"].(string)
		w.value(Wanted{Place: place}, text)
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

func (w *wantsReader) keyed(place rotation.Place, o keyed) {
	h := rotation.Held{Place: place.String()}
	keys, differ := w.values.AddAll(&h, o.wanted())
	if differ {
		for _, key := range keys {
			place.Key = key
			w.value(Wanted{Place: place}, string(o.values[key]))
		}
		return
	}
	if len(h.Certs) > 0 { // else it holds something else
		w.add(Wanted{Place: place, Certs: h.Certs}, h)
	}
}

// value takes in a place that is one text.
func (w *wantsReader) value(wanted Wanted, text string) {
	h := rotation.Held{Place: wanted.Place.String()}
	if text != "" {
		w.values.Add(&h, "", []byte(text), true)
	}
	wanted.Certs = h.Certs
	w.add(wanted, h)
}

func (w *wantsReader) add(wanted Wanted, h rotation.Held) {
	for _, damage := range h.Damage {
		w.wrong = append(w.wrong, fmt.Errorf("%s: cannot be read: %s", h.Place, damage))
	}
	if len(h.Certs) > 0 || wanted.More || wanted.From != nil {
		w.found = append(w.found, wanted)
	}
}

func (w *wantsReader) trustManager(place rotation.Place, o manifest.Object, v version) error {
	t, err := v.read(o.Map("spec"))
	if err == nil {
		w.value(Wanted{Place: place, From: t.refs, More: t.unknown}, t.text())
	}
	return err
}

// openShift lets the Proxy stand for the ConfigMap that it names, since it is
// also all the ConfigMaps that OpenShift fills from that.
func (w *wantsReader) openShift() []Wanted {
	for i := range w.found {
		p := &w.found[i].Place
		if w.proxy != "" && p.Kind == "ConfigMap" && p.Namespace == openShiftInput && p.Name == w.proxy {
			*p = rotation.Place{Kind: rotation.OpenShift}
		}
	}
	return w.found
}
