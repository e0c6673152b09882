package cluster

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// injectLabel marks the ConfigMaps that OpenShift injects CAs into.
const injectLabel = "config.openshift.io/inject-trusted-cabundle"

// dataObject is a ConfigMap or Secret.
type dataObject struct {
	meta      metav1.ObjectMeta
	immutable bool
	values    map[string][]byte
	tls       bool
}

func secretData(s *corev1.Secret) dataObject {
	return dataObject{s.ObjectMeta, isTrue(s.Immutable), s.Data, s.Type == corev1.SecretTypeTLS}
}

func configMapData(m *corev1.ConfigMap) dataObject {
	values := map[string][]byte{}
	for key, value := range m.Data {
		values[key] = []byte(value)
	}
	for key, value := range m.BinaryData {
		values[key] = value
	}
	return dataObject{m.ObjectMeta, isTrue(m.Immutable), values, false}
}

func (p *locationReader) getObject(location usage.Location) (o dataObject, found bool, err error) {
	if location.Kind == "Secret" {
		s, err := p.core.Secrets(location.Namespace).Get(p.ctx, location.Name, metav1.GetOptions{})
		if err == nil {
			return secretData(s), true, nil
		}
		return dataObject{}, false, readError(location, err)
	}
	m, err := p.core.ConfigMaps(location.Namespace).Get(p.ctx, location.Name, metav1.GetOptions{})
	if err == nil {
		return configMapData(m), true, nil
	}
	return dataObject{}, false, readError(location, err)
}

func readError(location usage.Location, err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return fmt.Errorf("read %s: %w", location, kube.WrapUnavailable(err))
}

func (p *locationReader) eachObject(location usage.Location, f func(dataObject)) error {
	o, namespace := metav1.ListOptions{Limit: bigPage, FieldSelector: "metadata.name=" + location.Name}, metav1.NamespaceAll
	if location.Hashed {
		o.FieldSelector = "" // the hash is unknown
	}
	if location.Namespace != usage.Everywhere {
		namespace = location.Namespace
	}
	if location.Kind == "Secret" {
		return kube.EachPage(p.ctx, "Secrets", o, p.core.Secrets(namespace).List, func(l *corev1.SecretList) bool {
			for i := range l.Items {
				f(secretData(&l.Items[i]))
			}
			return true
		})
	}
	return kube.EachPage(p.ctx, "ConfigMaps", o, p.core.ConfigMaps(namespace).List, func(l *corev1.ConfigMapList) bool {
		for i := range l.Items {
			f(configMapData(&l.Items[i]))
		}
		return true
	})
}

// addObject adds the certificates of an object. It returns false for an object
// without certificates that was found by its name alone, because that one has
// another purpose.
func (p *locationReader) addObject(location usage.Location, o dataObject, e expected) bool {
	byName := location.Namespace == usage.Everywhere && location.Key == "" && e.in == nil
	location.Namespace = o.meta.Namespace
	h := usage.LocationState{
		Location: location.String(),
		Object:   usage.Ref{Kind: location.Kind, Namespace: location.Namespace, Name: location.Name},
		Mixed:    e.mixed || o.meta.Labels[injectLabel] == "true",
		Changed:  changed(o.meta, o.immutable, valuesOf(location.Key)...),
	}
	var whole usage.LocationState
	keys, differ := p.values.AddAll(&whole, o.trusted())
	h.Keys = keys
	value, there := o.values[location.Key]
	switch {
	case location.Key == "":
		h.Certs, h.Damage = whole.Certs, whole.Damage
		if differ {
			h.Absent = fmt.Sprintf("has different CAs in %s; add the key that clients read, for example %s:%s", strings.Join(keys, ", "), location, keys[0])
		}
	case there:
		p.values.Add(&h, "", value, true)
	default:
		h.Absent, h.Changed = "has no key "+location.Key, time.Time{}
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

// trusted returns the values of an object that may hold trusted CAs: only ca.crt
// of a TLS Secret.
func (o dataObject) trusted() map[string][]byte {
	if !o.tls {
		return o.values
	}
	ca, there := o.values["ca.crt"]
	if !there || len(ca) == 0 {
		return nil
	}
	return map[string][]byte{"ca.crt": ca}
}

// object reads a ConfigMap or Secret, or all that have the name.
func (p *locationReader) object(location usage.Location, e expected) error {
	if location.Hashed {
		return p.hashed(location)
	}
	if location.Namespace != usage.Everywhere {
		o, found, err := p.getObject(location)
		switch {
		case err != nil:
			return err
		case !found:
			p.absent(location, notFound)
			return nil
		}
		p.addObject(location, o, e)
		return nil
	}
	seen, why := map[string]bool{}, notFound
	err := p.eachObject(location, func(o dataObject) {
		switch {
		case e.in != nil && !e.in[o.meta.Namespace]:
		case p.addObject(location, o, e):
			seen[o.meta.Namespace] = true
		default:
			why = noCertificate
		}
	})
	if err != nil {
		return err
	}
	if e.in == nil && len(seen) == 0 {
		p.absent(location, why)
	}
	for namespace := range e.in {
		if !seen[namespace] {
			location.Namespace = namespace
			p.absent(location, notFound)
		}
	}
	return nil
}

// hashed reads the newest of the objects with a name and a hash suffix, in each
// namespace.
func (p *locationReader) hashed(location usage.Location) error {
	last, before := map[string]dataObject{}, map[string][]usage.Ref{}
	err := p.eachObject(location, func(o dataObject) {
		if before, isHashed := manifest.CutHash(o.meta.Name); !isHashed || before != location.Name {
			return
		}
		namespace := o.meta.Namespace
		other, some := last[namespace]
		if some && other.meta.CreationTimestamp.Time.After(o.meta.CreationTimestamp.Time) {
			o, other = other, o
		}
		last[namespace] = o
		if some {
			before[namespace] = append(before[namespace], usage.Ref{Kind: location.Kind, Namespace: namespace, Name: other.meta.Name})
		}
	})
	if err == nil && len(last) == 0 {
		p.absent(location, notFound)
	}
	for namespace, o := range last {
		one := location
		one.Namespace, one.Name, one.Hashed = namespace, o.meta.Name, false
		n := len(p.held)
		p.addObject(one, o, expected{})
		if len(p.held) > n {
			p.held[n].Before = before[namespace]
		}
	}
	return err
}
