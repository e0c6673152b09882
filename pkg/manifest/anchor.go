package manifest

import (
	"encoding/base64"
	"fmt"

	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// anchor builds an object that has CA certificates.
func anchor(a plan.Anchor) Object {
	switch a.Kind {
	case plan.Secret:
		return aksSecret(a)
	case plan.TrustBundle:
		return bundle(a)
	case plan.ClusterBundle:
		return clusterBundle(a)
	case plan.ClusterTrustBundle:
		return clusterTrustBundle(a)
	case plan.Proxy:
		o := newObject("config.openshift.io/v1", "Proxy", a.Object, nil)
		o["spec"] = map[string]any{"trustedCA": map[string]any{"name": v1alpha1.OpenShiftName}}
		return o
	}
	o := newObject("v1", "ConfigMap", a.Object, nil)
	if a.Key != "" {
		o["data"] = map[string]any{a.Key: pemOf(a)}
	}
	return o
}

func pemOf(a plan.Anchor) string { return string(cabundle.Encode(a.Of.Roots, cabundle.Generic)) }

// aksSecret builds the Secret that AKS nodes read in a preview. It has a key
// for each certificate, because nodes skip files with two.
func aksSecret(a plan.Anchor) Object {
	data := map[string]any{}
	for i := range a.Of.Roots {
		text := cabundle.Encode(a.Of.Roots[i:i+1], cabundle.AKS)
		data[fmt.Sprintf("ca%d.crt", i+1)] = base64.StdEncoding.EncodeToString(text)
	}
	o := newObject("v1", "Secret", a.Object, nil)
	o["type"], o["data"] = "Opaque", data
	return o
}

func clusterTrustBundle(a plan.Anchor) Object {
	options := a.Of.Spec.To.ClusterTrustBundle
	o := newObject("certificates.k8s.io/"+string(options.Version), "ClusterTrustBundle", a.Object, nil)
	content := map[string]any{"trustBundle": pemOf(a)}
	if options.SignerName != "" {
		content["signerName"] = options.SignerName
	}
	o["spec"] = content
	return o
}

// bundle builds trust-manager's Bundle.
func bundle(a plan.Anchor) Object {
	options := a.Of.Spec.To.TrustManager
	var sources []any
	if len(a.Of.Roots) > 0 {
		sources = append(sources, map[string]any{"inLine": pemOf(a)})
	}
	for _, name := range a.Of.Secrets {
		sources = append(sources, map[string]any{"secret": map[string]any{"name": name, "key": cmmeta.TLSCAKey}})
	}
	if options.DefaultCAs {
		sources = append(sources, map[string]any{"useDefaultCAs": true})
	}
	target := map[string]any{"configMap": map[string]any{"key": cabundle.CAKey}}
	if store := a.Of.Store(); store != "" {
		target["additionalFormats"] = map[string]any{"pkcs12": map[string]any{"key": store, "password": cabundle.StorePassword, "profile": storeProfile}}
	}
	if options.Namespaces != nil {
		target["namespaceSelector"] = selector(options.Namespaces)
	}
	o := newObject("trust.cert-manager.io/v1alpha1", "Bundle", a.Object, nil)
	o["spec"] = map[string]any{"sources": sources, "target": target}
	return o
}

// clusterBundle builds trust-manager's ClusterBundle, which by default selects
// no namespace.
func clusterBundle(a plan.Anchor) Object {
	options := a.Of.Spec.To.TrustManager
	data := []any{map[string]any{"key": cabundle.CAKey}}
	if store := a.Of.Store(); store != "" {
		data = append(data, map[string]any{"key": store, "format": "PKCS12", "password": cabundle.StorePassword, "profile": storeProfile})
	}
	content := map[string]any{
		"target": map[string]any{"configMap": map[string]any{"data": data}, "namespaceSelector": selector(options.Namespaces)},
	}
	if len(a.Of.Roots) > 0 {
		content["inLineCAs"] = pemOf(a)
	}
	var secrets []any
	for _, name := range a.Of.Secrets {
		secrets = append(secrets, map[string]any{"kind": "Secret", "name": name, "key": cmmeta.TLSCAKey})
	}
	if secrets != nil {
		content["sourceRefs"] = secrets
	}
	if options.DefaultCAs {
		content["defaultCAs"] = map[string]any{"provider": "System"}
	}
	o := newObject("trust-manager.io/v1alpha2", "ClusterBundle", a.Object, nil)
	o["spec"] = content
	return o
}

// storeProfile is readable by Java 8 and later, and by OpenSSL 3.
const storeProfile = "LegacyDES"

func selector(n *v1alpha1.NamespaceSelector) map[string]any {
	content := map[string]any{}
	if n != nil {
		putTexts(content, "matchLabels", n.MatchLabels)
	}
	return content
}
