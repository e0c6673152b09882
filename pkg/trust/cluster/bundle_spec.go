package cluster

import (
	"cmp"
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// bundleSpec is the spec of a Bundle of trust-manager, of either version.
type bundleSpec struct {
	inLine   []string
	others   bool             // has sources other than inLine
	refs     []usage.Location // sources that are one key, without their namespace
	unknown  bool             // has sources that select objects or all keys
	sources  []string         // the sources other than inLine, as text
	defaults bool             // includes the system's roots
	targets  []usage.Location
	formats  []string // of each target
	selector *metav1.LabelSelector
	secrets  []string // the passwords of its keystores, in clear text in the spec
}

// text returns the inLine sources.
func (t *bundleSpec) text() string { return strings.Join(t.inLine, "\n") }

// version is a kind of Bundle with its parser.
type version struct {
	kind schema.GroupVersionKind
	read func(spec map[string]any) (bundleSpec, error)
}

var (
	bundles        = version{schema.GroupVersionKind{Group: "trust.cert-manager.io", Version: "v1alpha1", Kind: "Bundle"}, readBundle}
	clusterBundles = version{schema.GroupVersionKind{Group: "trust-manager.io", Version: "v1alpha2", Kind: "ClusterBundle"}, readClusterBundle}
)

// source is one or more Secrets or ConfigMaps that a Bundle reads.
type source struct {
	Kind, Name, Key string
	Selector        *metav1.LabelSelector `json:"selector"`
	IncludeAllKeys  bool                  `json:"includeAllKeys"`
}

// String returns KIND/NAME:KEY, for example secret/corp-ca:ca.crt.
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

// ref adds a source other than inLine.
func (t *bundleSpec) ref(s source) {
	t.others = true
	t.sources = append(t.sources, s.String())
	if s.Name == "" || s.Key == "" || s.Key == "*" {
		t.unknown = true
		return
	}
	t.refs = append(t.refs, usage.Location{Kind: s.Kind, Name: s.Name, Key: s.Key})
}

// keyOnly is the key of a value with its format and password.
type keyOnly struct {
	Key      string  `json:"key"`
	Format   string  `json:"format"` // of a ClusterBundle; "" means PEM
	Password *string `json:"password"`
}

func readBundle(spec map[string]any) (bundleSpec, error) {
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
		return bundleSpec{}, err
	}
	t := bundleSpec{selector: s.Target.NamespaceSelector}
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

func (t *bundleSpec) target(kind string, k *keyOnly, format string) {
	if k == nil {
		return
	}
	t.targets = append(t.targets, usage.Location{Kind: kind, Key: k.Key})
	t.formats = append(t.formats, cmp.Or(format, "PEM"))
	if k.Password != nil {
		t.secrets = append(t.secrets, *k.Password)
	}
}

func readClusterBundle(spec map[string]any) (bundleSpec, error) {
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
		return bundleSpec{}, err
	}
	t := bundleSpec{selector: s.Target.NamespaceSelector}
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
