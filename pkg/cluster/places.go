package cluster

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
)

// Places reads what places hold. A place that stands for several becomes as
// many; one that is not there is told as such. Nothing is in it twice.
func (r *Reader) Places(ctx context.Context, places []rotation.Place, values *rotation.Values) ([]rotation.Held, error) {
	p := &placeReader{Reader: r, ctx: ctx, values: values}
	for _, place := range places {
		if err := p.place(place); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(p.held, func(a, b rotation.Held) int { return strings.Compare(a.Place, b.Place) })
	return p.held, nil
}

type placeReader struct {
	*Reader
	ctx    context.Context
	values *rotation.Values
	held   []rotation.Held
}

// add takes a place in, unless it is there already: whole, or a key of it.
func (p *placeReader) add(h rotation.Held) {
	object, keyed := cutKey(h)
	for _, other := range p.held {
		if same, otherKeyed := cutKey(other); same == object && (other.Place == h.Place || keyed != otherKeyed) {
			return
		}
	}
	p.held = append(p.held, h)
}

// cutKey splits the name of a place. Those of ClusterTrustBundles have colons
// of their own.
func cutKey(h rotation.Held) (object string, keyed bool) {
	if h.Object.Kind == bundleKind {
		return h.Place, false
	}
	object, _, keyed = strings.Cut(h.Place, ":")
	return object, keyed
}

func (p *placeReader) absent(place rotation.Place, why string) {
	ref := rotation.Ref{Kind: place.Kind, Namespace: place.Namespace, Name: place.Name}
	p.add(rotation.Held{Place: place.String(), Object: ref, Absent: why})
}

const (
	notThere      = "is not there"
	noCertificate = "holds no certificate"
)

func (p *placeReader) place(place rotation.Place) error {
	if place.Vague() {
		place.Namespace = p.client.namespace
	}
	switch place.Kind {
	case "ConfigMap", "Secret":
		return p.selectedObject(place)
	case "Bundle":
		return p.trustManager(place, bundles)
	case "ClusterBundle":
		return p.trustManager(place, clusterBundles)
	case bundleKind:
		return p.clusterTrustBundle(place)
	case rotation.Component:
		return p.component(place)
	case rotation.OpenShift:
		return p.openShift("")
	}
	return p.named(place.Name)
}

// selectedObject reads a ConfigMap or Secret that may have to be in some
// namespaces.
func (p *placeReader) selectedObject(place rotation.Place) error {
	var e expected
	if place.Selected != nil {
		var err error
		if e.in, err = p.selected(place.Selected); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		if len(e.in) == 0 {
			p.add(rotation.Held{Place: place.String(), Idle: "no namespace is selected"})
			return nil
		}
	}
	return p.object(place, e)
}

// named reads everything of a name. What may not be listed is a place too, of
// which nobody knows what it holds.
func (p *placeReader) named(name string) error {
	var hidden []rotation.Held
	before := len(p.held)
	everywhere := func(kind string) rotation.Place {
		return rotation.Place{Kind: kind, Namespace: rotation.Everywhere, Name: name}
	}
	for _, kind := range []struct {
		what string
		read func() error
	}{
		{"Bundles", func() error { return p.trustManager(everywhere("Bundle"), bundles) }},
		{"ClusterBundles", func() error { return p.trustManager(everywhere("ClusterBundle"), clusterBundles) }},
		{"ClusterTrustBundles", func() error { return p.clusterTrustBundle(everywhere(bundleKind)) }},
		{"ConfigMaps", func() error { return p.object(everywhere("ConfigMap"), expected{}) }},
		{"Secrets", func() error { return p.object(everywhere("Secret"), expected{}) }},
	} {
		switch err := kind.read(); {
		case apierrors.IsForbidden(err):
			hidden = append(hidden, rotation.Held{Place: name + " (" + kind.what + ")", Absent: "may not be listed"})
		case err != nil:
			return err
		}
	}
	// Of the kinds that might have had the name, those that have not are no news.
	found := slices.DeleteFunc(p.held[before:], func(h rotation.Held) bool { return h.Absent != "" && h.Object.Namespace == rotation.Everywhere })
	p.held = append(p.held[:before+len(found)], hidden...)
	if len(found)+len(hidden) == 0 {
		p.add(rotation.Held{Place: name, Absent: "nothing has this name"})
	}
	return nil
}

// expected is what is known beforehand about an object.
type expected struct {
	in    map[string]bool // the namespaces it must be in; nil if that is not known
	mixed bool
}

// object reads a ConfigMap or Secret, or all of the name.
func (p *placeReader) object(place rotation.Place, e expected) error {
	if place.Hashed {
		return p.hashed(place)
	}
	if place.Namespace != rotation.Everywhere {
		o, found, err := p.getObject(place)
		switch {
		case err != nil:
			return err
		case !found:
			p.absent(place, notThere)
			return nil
		}
		p.take(place, o, e)
		return nil
	}
	seen, why := map[string]bool{}, notThere
	err := p.eachObject(place, func(o keyed) {
		switch {
		case e.in != nil && !e.in[o.meta.Namespace]:
		case p.take(place, o, e):
			seen[o.meta.Namespace] = true
		default:
			why = noCertificate
		}
	})
	if err != nil {
		return err
	}
	if e.in == nil && len(seen) == 0 {
		p.absent(place, why)
	}
	for namespace := range e.in {
		if !seen[namespace] {
			place.Namespace = namespace
			p.absent(place, notThere)
		}
	}
	return nil
}

// hash is what kustomize appends to the names of generated objects: a sum
// without vowels, and without what looks like another letter.
var hash = regexp.MustCompile(`^-[2456789bcdfghkmt]{10}$`)

// hashed reads the last of the objects with a hash behind a name, of each
// namespace.
func (p *placeReader) hashed(place rotation.Place) error {
	last, before := map[string]keyed{}, map[string][]rotation.Ref{}
	err := p.eachObject(place, func(o keyed) {
		rest, named := strings.CutPrefix(o.meta.Name, place.Name)
		if !named || !hash.MatchString(rest) {
			return
		}
		namespace := o.meta.Namespace
		other, some := last[namespace]
		if some && other.meta.CreationTimestamp.Time.After(o.meta.CreationTimestamp.Time) {
			o, other = other, o
		}
		last[namespace] = o
		if some {
			before[namespace] = append(before[namespace], rotation.Ref{Kind: place.Kind, Namespace: namespace, Name: other.meta.Name})
		}
	})
	if err == nil && len(last) == 0 {
		p.absent(place, notThere)
	}
	for namespace, o := range last {
		one := place
		one.Namespace, one.Name, one.Hashed = namespace, o.meta.Name, false
		n := len(p.held)
		p.take(one, o, expected{})
		if len(p.held) > n {
			p.held[n].Before = before[namespace]
		}
	}
	return err
}

// keyed is a ConfigMap or Secret.
type keyed struct {
	meta      metav1.ObjectMeta
	immutable bool
	values    map[string][]byte
	tls       bool
}

func secretKeyed(s *corev1.Secret) keyed {
	return keyed{s.ObjectMeta, isTrue(s.Immutable), s.Data, s.Type == corev1.SecretTypeTLS}
}

func configMapKeyed(m *corev1.ConfigMap) keyed {
	values := map[string][]byte{}
	for key, value := range m.Data {
		values[key] = []byte(value)
	}
	for key, value := range m.BinaryData {
		values[key] = value
	}
	return keyed{m.ObjectMeta, isTrue(m.Immutable), values, false}
}

func (p *placeReader) getObject(place rotation.Place) (o keyed, found bool, err error) {
	if place.Kind == "Secret" {
		s, err := p.core.Secrets(place.Namespace).Get(p.ctx, place.Name, metav1.GetOptions{})
		if err == nil {
			return secretKeyed(s), true, nil
		}
		return keyed{}, false, readError(place, err)
	}
	m, err := p.core.ConfigMaps(place.Namespace).Get(p.ctx, place.Name, metav1.GetOptions{})
	if err == nil {
		return configMapKeyed(m), true, nil
	}
	return keyed{}, false, readError(place, err)
}

func readError(place rotation.Place, err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return fmt.Errorf("read %s: %w", place, Explain(err))
}

func (p *placeReader) eachObject(place rotation.Place, f func(keyed)) error {
	o, namespace := metav1.ListOptions{Limit: bigPage, FieldSelector: "metadata.name=" + place.Name}, metav1.NamespaceAll
	if place.Hashed {
		o.FieldSelector = "" // whose names are known by their beginning only
	}
	if place.Namespace != rotation.Everywhere {
		namespace = place.Namespace
	}
	if place.Kind == "Secret" {
		return pages(p.ctx, "Secrets", o, p.core.Secrets(namespace).List, func(l *corev1.SecretList) bool {
			for i := range l.Items {
				f(secretKeyed(&l.Items[i]))
			}
			return true
		})
	}
	return pages(p.ctx, "ConfigMaps", o, p.core.ConfigMaps(namespace).List, func(l *corev1.ConfigMapList) bool {
		for i := range l.Items {
			f(configMapKeyed(&l.Items[i]))
		}
		return true
	})
}

// take reads the values of an object. Found by its name alone, one without
// certificates is another's, and left.
func (p *placeReader) take(place rotation.Place, o keyed, e expected) bool {
	byName := place.Namespace == rotation.Everywhere && place.Key == "" && e.in == nil
	place.Namespace = o.meta.Namespace
	h := rotation.Held{
		Place:   place.String(),
		Object:  rotation.Ref{Kind: place.Kind, Namespace: place.Namespace, Name: place.Name},
		Mixed:   e.mixed || o.meta.Labels[injectLabel] == "true",
		Changed: changed(o.meta, o.immutable, valuesOf(place.Key)...),
	}
	var whole rotation.Held
	keys, differ := p.values.AddAll(&whole, o.wanted())
	h.Keys = keys
	value, there := o.values[place.Key]
	switch {
	case place.Key == "":
		h.Certs, h.Damage = whole.Certs, whole.Damage
		if differ {
			h.Absent = fmt.Sprintf("has different CAs in %s: name the one that is read, as in %s:%s", strings.Join(keys, ", "), place, keys[0])
		}
	case there:
		p.values.Add(&h, "", value, true)
	default:
		h.Absent, h.Changed = "has no key "+place.Key, time.Time{}
	}
	if byName && len(h.Certs)+len(h.Damage) == 0 {
		return false
	}
	if h.Absent == "" && len(h.Certs)+len(h.Damage) == 0 {
		h.Absent = noCertificate
	}
	p.add(h)
	return true
}

// wanted are the values of an object that may be there to be trusted: of a TLS
// Secret only the CA.
func (o keyed) wanted() map[string][]byte {
	if !o.tls {
		return o.values
	}
	ca, there := o.values["ca.crt"]
	if !there {
		return nil
	}
	return map[string][]byte{"ca.crt": ca}
}
