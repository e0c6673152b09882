package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Needs reads the certificates that objects request, generated or not: with a
// Certificate, with cert-manager's annotations on Ingress and Gateway, or with
// tls.cert-manager of a VirtualServer. It is the reverse of Build. The error
// names all objects with invalid requests; the needs of the others are
// returned.
func Needs(objects []Object) ([]plan.Need, error) {
	var needs []plan.Need
	var errs []error
	profiles := map[cmmeta.IssuerReference]map[string]string{} // by reference, then namespace
	for _, o := range objects {
		found, err := NeedsOf(o)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", o.ID(), err))
		}
		needs = append(needs, found...)
		noteProfile(profiles, o)
	}
	for i := range needs {
		n := &needs[i]
		byNamespace := profiles[n.Certificate.IssuerRef]
		n.Profile = byNamespace[""]
		if n.Certificate.IssuerRef.Kind == cm.IssuerKind {
			n.Profile = byNamespace[n.Namespace]
		}
	}
	return needs, errors.Join(errs...)
}

// NeedsOf reads the certificates that one object requests, without their
// profiles, which are part of the issuers.
func NeedsOf(o Object) ([]plan.Need, error) {
	id := o.ID()
	switch {
	case id.Group == "cert-manager.io" && id.Kind == "Certificate":
		return certificateNeeds(o)
	case id.Group == "networking.k8s.io" && id.Kind == "Ingress":
		return ingressNeeds(o)
	case id.Group == "gateway.networking.k8s.io" && id.Kind == "Gateway":
		return gatewayNeeds(o)
	case id.Group == "k8s.nginx.org" && id.Kind == "VirtualServer":
		return virtualServerNeeds(o)
	}
	return nil, nil
}

func noteProfile(profiles map[cmmeta.IssuerReference]map[string]string, o Object) {
	if o.ID().Group != "cert-manager.io" {
		return
	}
	if profile, ok := o.Map("spec", "acme")["profile"].(string); ok {
		ref := cmmeta.IssuerReference{Group: "cert-manager.io", Kind: o.Kind(), Name: o.Name()}
		if profiles[ref] == nil {
			profiles[ref] = map[string]string{}
		}
		profiles[ref][o.Namespace()] = profile
	}
}

// need begins a need that an object requests.
func need(o Object, c cm.CertificateSpec) plan.Need {
	c.IssuerRef.Kind = cmp.Or(c.IssuerRef.Kind, cm.IssuerKind)
	c.IssuerRef.Group = cmp.Or(c.IssuerRef.Group, "cert-manager.io")
	return plan.Need{
		Namespace: o.Namespace(), Certificate: c, Labels: o.Labels(),
		By: plan.Source{Kind: o.Kind(), Namespace: o.Namespace(), Name: o.Name()},
	}
}

func certificateNeeds(o Object) ([]plan.Need, error) {
	var c cm.CertificateSpec
	for _, field := range []string{"duration", "renewBefore"} { // the conversion does not name the field
		value, given := o.Map("spec")[field]
		if !given || value == nil {
			continue
		}
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("spec.%s: must be text, for example 2160h", field)
		}
		if _, err := readDuration(text); err != nil {
			return nil, fmt.Errorf("spec.%s: %w", field, err)
		}
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Map("spec"), &c); err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	n := need(o, c)
	annotations := o.Annotations()
	n.Temporary = annotations[plan.TemporaryAnnotation] == "true"
	n.Ingress, n.Gateway = annotations[plan.OverrideIngress], annotations[plan.ParentRefName]
	return []plan.Need{n}, nil
}

// issuerOf reads the issuer from an object's annotations; found is false if
// they have none.
func issuerOf(annotations map[string]string) (ref cmmeta.IssuerReference, found bool, err error) {
	issuer, cluster := annotations[cm.IngressIssuerNameAnnotationKey], annotations[cm.IngressClusterIssuerNameAnnotationKey]
	kind, group := annotations["cert-manager.io/issuer-kind"], annotations["cert-manager.io/issuer-group"]
	switch {
	case issuer != "" && cluster != "":
		return ref, false, fmt.Errorf("has both %s and %s", cm.IngressIssuerNameAnnotationKey, cm.IngressClusterIssuerNameAnnotationKey)
	case cluster != "" && (kind != "" || group != ""):
		return ref, false, fmt.Errorf("has %s together with issuer-kind or issuer-group", cm.IngressClusterIssuerNameAnnotationKey)
	case cluster != "":
		return cmmeta.IssuerReference{Name: cluster, Kind: cm.ClusterIssuerKind}, true, nil
	}
	return cmmeta.IssuerReference{Name: issuer, Kind: kind, Group: group}, issuer != "", nil
}

// NamesIssuer reports whether an object's annotations request certificates from
// cert-manager.
func NamesIssuer(o Object) bool {
	_, found, err := issuerOf(o.Annotations())
	return found && err == nil
}

// request is a Secret and the names that its certificate must have.
type request struct {
	secret string
	hosts  []string
}

// annotated returns the needs of an object with an issuer in its annotations.
func annotated(o Object, requests []request) ([]plan.Need, error) {
	annotations := o.Annotations()
	ref, found, err := issuerOf(annotations)
	if err != nil || !found {
		return nil, err
	}
	var needs []plan.Need
	for _, r := range requests {
		c := cm.CertificateSpec{SecretName: r.secret, IssuerRef: ref}
		for _, host := range r.hosts {
			if _, err := netip.ParseAddr(host); err == nil {
				c.IPAddresses = append(c.IPAddresses, host)
			} else {
				c.DNSNames = append(c.DNSNames, host)
			}
		}
		if err := readOptionAnnotations(annotations, &c); err != nil {
			return nil, err
		}
		n := need(o, c)
		switch {
		case o.Kind() == "Gateway":
			n.Gateway = o.Name()
		case annotations[plan.EditInPlaceAnnotation] == "true": // also means a temporary certificate
			n.Ingress, n.Temporary = o.Name(), true
		}
		needs = append(needs, n)
	}
	return needs, nil
}

func ingressNeeds(o Object) ([]plan.Need, error) {
	var requests []request
	for _, tls := range Maps(o.Map("spec")["tls"]) {
		r := request{hosts: Texts(tls["hosts"])}
		r.secret, _ = tls["secretName"].(string)
		if r.secret != "" && len(r.hosts) > 0 { // cert-manager skips other blocks
			requests = append(requests, r)
		}
	}
	return annotated(o, requests)
}

// gatewayNeeds groups the listeners by Secret, as cert-manager does.
func gatewayNeeds(o Object) ([]plan.Need, error) {
	ignored := map[string]bool{}
	for name := range strings.SplitSeq(o.Annotations()[cm.CertificateIgnoreTLSListeners], ",") {
		ignored[strings.TrimSpace(name)] = true
	}
	var requests []request
	index := map[string]int{}
	for _, listener := range Maps(o.Map("spec")["listeners"]) {
		host, _ := listener["hostname"].(string)
		name, _ := listener["name"].(string)
		tls, _ := listener["tls"].(map[string]any)
		if host == "" || tls["mode"] != "Terminate" || ignored[name] {
			continue
		}
		for _, secret := range LocalSecrets(tls["certificateRefs"], o.Namespace()) {
			i, known := index[secret]
			if !known {
				i = len(requests)
				index[secret] = i
				requests = append(requests, request{secret: secret})
			}
			requests[i].hosts = append(requests[i].hosts, host)
		}
	}
	return annotated(o, requests)
}

// LocalSecrets returns the names of the Secrets that a listener refers to, none
// if any reference has another kind or another namespace.
func LocalSecrets(refs any, namespace string) []string {
	var secrets []string
	for _, ref := range Maps(refs) {
		kind, hasKind := ref["kind"].(string)
		group, _ := ref["group"].(string)
		other, hasNamespace := ref["namespace"].(string)
		name, _ := ref["name"].(string)
		if group != "" || hasKind && kind != "Secret" || hasNamespace && other != namespace {
			return nil
		}
		secrets = append(secrets, name)
	}
	return secrets
}

func virtualServerNeeds(o Object) ([]plan.Need, error) {
	tls := o.Map("spec", "tls")
	block, requests := tls["cert-manager"].(map[string]any)
	if !requests {
		return nil, nil
	}
	host, _ := o.Map("spec")["host"].(string)
	secret, _ := tls["secret"].(string)
	if secret == "" || host == "" {
		return nil, errors.New("spec.tls.cert-manager needs spec.host and spec.tls.secret")
	}
	annotations := map[string]string{}
	for key, value := range block {
		if s, ok := value.(string); ok && s != "" {
			annotations["cert-manager.io/"+key] = s // the same keys, without the prefix
		}
	}
	ref, found, err := issuerOf(annotations)
	if err != nil || !found {
		return nil, cmp.Or(err, errors.New("spec.tls.cert-manager needs issuer or cluster-issuer"))
	}
	c := cm.CertificateSpec{SecretName: secret, IssuerRef: ref, DNSNames: []string{host}}
	known := maps.Clone(annotations)
	maps.DeleteFunc(known, func(key, _ string) bool {
		return !slices.Contains([]string{"common-name", "duration", "renew-before", "usages"}, strings.TrimPrefix(key, "cert-manager.io/"))
	})
	if err := readOptionAnnotations(known, &c); err != nil {
		return nil, err
	}
	n := need(o, c)
	n.Temporary, _ = block["issue-temp-cert"].(bool)
	return []plan.Need{n}, nil
}

// Maps returns the maps in a list, without other values.
func Maps(v any) []map[string]any {
	items, _ := v.([]any)
	var maps []map[string]any
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			maps = append(maps, m)
		}
	}
	return maps
}

// Texts returns the strings in a list, without other values.
func Texts(v any) []string {
	items, _ := v.([]any)
	var texts []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}
