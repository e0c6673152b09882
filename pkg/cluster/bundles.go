package cluster

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
)

// trusted is what a Bundle of trust-manager says, in either of its versions.
type trusted struct {
	inLine   []string
	others   bool             // sources besides those in line
	refs     []rotation.Place // those that are one key, without their namespace
	unknown  bool             // sources that may be any number of objects or keys
	sources  []string         // the others, in words
	defaults bool             // the system's roots too
	targets  []rotation.Place
	formats  []string // of each target
	selector *metav1.LabelSelector
	secrets  []string // passwords of its keystores, which it has in the clear
}

// text is what a Bundle has in line.
func (t *trusted) text() string { return strings.Join(t.inLine, "\n") }

// version is a kind of Bundle, and how to read it.
type version struct {
	kind schema.GroupVersionKind
	read func(spec map[string]any) (trusted, error)
}

var (
	bundles        = version{schema.GroupVersionKind{Group: "trust.cert-manager.io", Version: "v1alpha1", Kind: "Bundle"}, readBundle}
	clusterBundles = version{schema.GroupVersionKind{Group: "trust-manager.io", Version: "v1alpha2", Kind: "ClusterBundle"}, readClusterBundle}
)

// source is a Secret or ConfigMap that a Bundle reads, or several.
type source struct {
	Kind, Name, Key string
	Selector        *metav1.LabelSelector `json:"selector"`
	IncludeAllKeys  bool                  `json:"includeAllKeys"`
}

// String says what is read: secret/corp-ca:ca.crt.
func (s source) String() string {
	name, key := s.Name, s.Key
	if s.Selector != nil {
		name = "{" + metav1.FormatLabelSelector(s.Selector) + "}"
	}
	if s.IncludeAllKeys {
		key = "*"
	}
	return strings.ToLower(s.Kind) + "/" + name + ":" + key
}

// ref takes in a source besides those in line.
func (t *trusted) ref(s source) {
	t.others = true
	t.sources = append(t.sources, s.String())
	if s.Name == "" || s.Key == "" || s.Key == "*" {
		t.unknown = true
		return
	}
	t.refs = append(t.refs, rotation.Place{Kind: s.Kind, Name: s.Name, Key: s.Key})
}

// keyOnly is the key of a value, and what opens it.
type keyOnly struct {
	Key      string  `json:"key"`
	Format   string  `json:"format"` // of a ClusterBundle; "" is PEM
	Password *string `json:"password"`
}

func readBundle(spec map[string]any) (trusted, error) {
	var s struct {
		Sources []struct {
			InLine            string `json:"inLine"`
			UseDefaultCAs     *bool  `json:"useDefaultCAs"`
			ConfigMap, Secret *source
		} `json:"sources"`
		Target struct {
			ConfigMap, Secret *keyOnly
			AdditionalFormats struct {
				JKS, PKCS12 *keyOnly
			} `json:"additionalFormats"`
			NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
		} `json:"target"`
	}
	if err := convert(spec, &s); err != nil {
		return trusted{}, err
	}
	t := trusted{selector: s.Target.NamespaceSelector}
	if t.selector == nil {
		t.selector = &metav1.LabelSelector{}
	}
	for _, from := range s.Sources {
		switch {
		case from.InLine != "":
			t.inLine = append(t.inLine, from.InLine)
		case from.UseDefaultCAs != nil:
			t.defaults = t.defaults || *from.UseDefaultCAs
		case from.Secret != nil:
			from.Secret.Kind = "Secret"
			t.ref(*from.Secret)
		case from.ConfigMap != nil:
			from.ConfigMap.Kind = "ConfigMap"
			t.ref(*from.ConfigMap)
		default:
			t.ref(source{})
		}
	}
	jks, pkcs12 := s.Target.AdditionalFormats.JKS, s.Target.AdditionalFormats.PKCS12
	for _, target := range []struct {
		kind string
		pem  *keyOnly
	}{{"ConfigMap", s.Target.ConfigMap}, {"Secret", s.Target.Secret}} {
		if target.pem != nil {
			t.target(target.kind, target.pem, "")
			t.target(target.kind, jks, "JKS")
			t.target(target.kind, pkcs12, "PKCS12")
		}
	}
	return t, nil
}

func (t *trusted) target(kind string, k *keyOnly, format string) {
	if k == nil {
		return
	}
	t.targets = append(t.targets, rotation.Place{Kind: kind, Key: k.Key})
	t.formats = append(t.formats, cmp.Or(format, "PEM"))
	if k.Password != nil {
		t.secrets = append(t.secrets, *k.Password)
	}
}

func readClusterBundle(spec map[string]any) (trusted, error) {
	type data struct{ Data []keyOnly }
	var s struct {
		SourceRefs []source `json:"sourceRefs"`
		DefaultCAs struct {
			Provider string `json:"provider"`
		} `json:"defaultCAs"`
		InLineCAs string `json:"inLineCAs"`
		Target    struct {
			ConfigMap, Secret *data
			NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
		} `json:"target"`
	}
	if err := convert(spec, &s); err != nil {
		return trusted{}, err
	}
	t := trusted{selector: s.Target.NamespaceSelector}
	for _, from := range s.SourceRefs {
		t.ref(from)
	}
	t.defaults = s.DefaultCAs.Provider != "" && s.DefaultCAs.Provider != "Disabled"
	if s.InLineCAs != "" {
		t.inLine = []string{s.InLineCAs}
	}
	for _, target := range []struct {
		kind string
		data *data
	}{{"ConfigMap", s.Target.ConfigMap}, {"Secret", s.Target.Secret}} {
		if target.data != nil {
			for _, k := range target.data.Data {
				t.target(target.kind, &k, k.Format)
			}
		}
	}
	return t, nil
}

func convert(from map[string]any, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// trustManager reads a Bundle as the cluster has it: what it has in line, where
// that is all there is, and every target that there should be.
func (p *placeReader) trustManager(place rotation.Place, v version) error {
	u, t, err := p.bundle(place, v)
	if err != nil || u == nil {
		return err
	}
	place.Namespace = ""
	n := len(p.held)
	if len(t.inLine) > 0 && !t.others {
		h := rotation.Held{Place: place.String() + ":inLine", Changed: changed(metaOf(u), false, []string{"spec"})}
		p.values.Add(&h, "", []byte(t.text()), true)
		p.add(h)
	}
	in, err := p.selected(t.selector)
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	p.values.Passwords = append(p.values.Passwords, t.secrets...)
	for _, target := range t.targets {
		target.Namespace, target.Name = rotation.Everywhere, place.Name
		if err := p.object(target, expected{in: in, mixed: t.defaults}); err != nil {
			return err
		}
	}
	if len(p.held) == n && (len(in) == 0 || len(t.targets) == 0) {
		p.absent(place, "writes nothing: it has no target, or selects no namespace")
	}
	return nil
}

// bundle reads the spec of a Bundle. One that is not there is told, and nil.
func (p *placeReader) bundle(place rotation.Place, v version) (*unstructured.Unstructured, trusted, error) {
	u, why, err := p.getKind(v.kind, place.Name)
	if err != nil {
		return nil, trusted{}, err
	}
	if u == nil {
		p.absent(place, why)
		return nil, trusted{}, nil
	}
	spec, _, _ := unstructured.NestedMap(u.Object, "spec")
	t, err := v.read(spec)
	if err != nil {
		return nil, trusted{}, fmt.Errorf("read %s: %w", place, err)
	}
	return u, t, nil
}

// selected are the namespaces that trust-manager writes to. One that is going
// away gets nothing any more.
func (p *placeReader) selected(selector *metav1.LabelSelector) (map[string]bool, error) {
	matches, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	o := metav1.ListOptions{Limit: pageSize}
	return in, pages(p.ctx, "namespaces", o, p.core.Namespaces().List, func(l *corev1.NamespaceList) bool {
		for _, n := range l.Items {
			if n.Status.Phase != corev1.NamespaceTerminating && matches.Matches(labels.Set(n.Labels)) {
				in[n.Name] = true
			}
		}
		return true
	})
}

// getKind reads a cluster-scoped object, or says why there is none.
func (p *placeReader) getKind(kind schema.GroupVersionKind, name string) (u *unstructured.Unstructured, why string, err error) {
	mapping, err := p.client.resource(kind)
	switch {
	case meta.IsNoMatchError(err):
		return nil, "the cluster does not know " + kind.Kind, nil
	case err != nil:
		return nil, "", fmt.Errorf("find %s on the server: %w", kind.Kind, Explain(err))
	}
	u, err = p.client.at(mapping, "").Get(p.ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, notThere, nil
	case err != nil:
		return nil, "", fmt.Errorf("read %s/%s: %w", strings.ToLower(kind.Kind), name, Explain(err))
	}
	return u, "", nil
}

func metaOf(u *unstructured.Unstructured) metav1.ObjectMeta {
	var o struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &o) // what it cannot read stays unknown
	return o.Metadata
}

const bundleKind = "ClusterTrustBundle"

// clusterTrustBundle reads one, or all whose name ends in a name: those of a
// signer begin with it.
func (p *placeReader) clusterTrustBundle(place rotation.Place) error {
	mapping, why, err := p.clusterTrustBundles()
	if err != nil {
		return err
	}
	if mapping == nil {
		p.absent(place, why)
		return nil
	}
	found := false
	err = p.client.list(p.ctx, mapping, "", metav1.ListOptions{Limit: bigPage}, func(u *unstructured.Unstructured) {
		ofSigner := place.Namespace == rotation.Everywhere && strings.HasSuffix(u.GetName(), ":"+place.Name)
		if u.GetName() != place.Name && !ofSigner {
			return
		}
		found = true
		ref := rotation.Ref{Kind: bundleKind, Name: u.GetName()}
		h := rotation.Held{Place: ref.String(), Object: ref, Changed: changed(metaOf(u), false, []string{"spec"})}
		text, _, _ := unstructured.NestedString(u.Object, "spec", "trustBundle")
		p.values.Add(&h, "", []byte(text), true)
		p.add(h)
	})
	if err == nil && !found {
		p.absent(place, notThere)
	}
	return err
}

// clusterTrustBundles finds the newest version that the cluster serves.
func (p *placeReader) clusterTrustBundles() (*meta.RESTMapping, string, error) {
	for _, v := range []string{"v1", "v1beta1", "v1alpha1"} {
		kind := schema.GroupVersionKind{Group: "certificates.k8s.io", Version: v, Kind: bundleKind}
		mapping, err := p.client.resource(kind)
		switch {
		case err == nil:
			return mapping, "", nil
		case !meta.IsNoMatchError(err):
			return nil, "", fmt.Errorf("find %s on the server: %w", bundleKind, Explain(err))
		}
	}
	return nil, "the cluster does not serve " + bundleKind, nil
}

// The ConfigMaps of OpenShift: what a user gives, and what is injected.
const (
	userCABundle   = "user-ca-bundle"
	openShiftInput = "openshift-config"
	injectLabel    = "config.openshift.io/inject-trusted-cabundle"
	openShiftKey   = "ca-bundle.crt"
)

var proxyKind = schema.GroupVersionKind{Group: "config.openshift.io", Version: "v1", Kind: "Proxy"}

// openShift reads the ConfigMap that the cluster's Proxy is to name, "" for the
// one that it does, and all that its CAs are injected into, beside the system's.
func (p *placeReader) openShift(want string) error {
	name, err := p.proxy(want)
	if err != nil {
		return err
	}
	if name != "" {
		err = p.object(rotation.Place{Kind: "ConfigMap", Namespace: openShiftInput, Name: name, Key: openShiftKey}, expected{})
	}
	if err != nil {
		return err
	}
	o := metav1.ListOptions{Limit: bigPage, LabelSelector: injectLabel + "=true"}
	return pages(p.ctx, "ConfigMaps", o, p.core.ConfigMaps(metav1.NamespaceAll).List, func(l *corev1.ConfigMapList) bool {
		for i := range l.Items {
			m := &l.Items[i]
			place := rotation.Place{Kind: "ConfigMap", Namespace: m.Namespace, Name: m.Name, Key: openShiftKey}
			p.take(place, configMapKeyed(m), expected{})
		}
		return true
	})
}

// proxy is the ConfigMap to read: the one that is wanted, or that the Proxy
// names. A Proxy that names none, or another, is told. A cluster that does not
// know the kind is taken to name OpenShift's own.
func (p *placeReader) proxy(want string) (string, error) {
	place := rotation.Place{Kind: proxyKind.Kind, Name: "cluster"}
	switch _, err := p.client.resource(proxyKind); {
	case meta.IsNoMatchError(err) && want == "":
		return userCABundle, nil
	case err != nil && !meta.IsNoMatchError(err):
		return "", fmt.Errorf("find %s on the server: %w", proxyKind.Kind, Explain(err))
	}
	u, why, err := p.getKind(proxyKind, place.Name)
	if err != nil {
		return "", err
	}
	if u == nil {
		p.absent(place, why)
		return want, nil
	}
	named, _, _ := unstructured.NestedString(u.Object, "spec", "trustedCA", "name")
	switch {
	case named == "":
		p.absent(place, "names no ConfigMap with CAs")
	case want != "" && named != want:
		p.absent(place, fmt.Sprintf("names ConfigMap %s, in Git %s", named, want))
	}
	return cmp.Or(want, named), nil
}
