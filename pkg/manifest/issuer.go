package manifest

import (
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

const certManagerAPI = "cert-manager.io/v1"

// issuer builds a ClusterIssuer or Issuer.
func issuer(i plan.Issuer) Object {
	config := cm.IssuerConfig{CA: i.Spec.CA, SelfSigned: i.Spec.SelfSigned, Vault: i.Spec.Vault, Venafi: i.Spec.Venafi}
	if acme := i.Spec.ACME; acme != nil {
		config.ACME = acme.ACMEIssuer.DeepCopy()
		config.ACME.Server = acme.Server
		config.ACME.Solvers = i.Solvers
		config.ACME.PrivateKey = secretKey(acme.PrivateKeySecretRef.Name, acme.PrivateKeySecretRef.Key)
	}
	o := newObject(certManagerAPI, string(i.Kind), i.Object, nil)
	o["spec"] = plainValues(&cm.IssuerSpec{IssuerConfig: config})
	return o
}

func secretKey(name, key string) cmmeta.SecretKeySelector {
	return cmmeta.SecretKeySelector{LocalObjectReference: cmmeta.LocalObjectReference{Name: name}, Key: key}
}

// certificate builds a Certificate.
func certificate(c plan.Certificate) Object {
	o := newObject(certManagerAPI, "Certificate", c.Object, nil)
	wanted := c.Spec
	if wanted.IssuerRef.Group == "cert-manager.io" {
		wanted.IssuerRef.Group = "" // the default is left out
	}
	o["spec"] = plainValues(&wanted)
	return o
}

// plainValues converts one of cert-manager's types to plain values, without the
// empty strings and references that Go writes for unset fields.
func plainValues[T cm.IssuerSpec | cm.CertificateSpec](typed *T) map[string]any {
	values, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		panic("manifest: " + err.Error()) // these types can always be converted
	}
	prune(values)
	return values
}

// prune removes empty strings, and maps with nothing else. It keeps maps that
// were empty before, which have a meaning (selfSigned: {}), and an empty group,
// which is the core API group of a parentRef.
func prune(m map[string]any) {
	for key, value := range m {
		switch v := value.(type) {
		case nil:
			delete(m, key)
		case string:
			if v == "" && key != "group" {
				delete(m, key)
			}
		case map[string]any:
			wasEmpty := len(v) == 0
			if prune(v); len(v) == 0 && !wasEmpty {
				delete(m, key)
			}
		case []any:
			for _, item := range v {
				if item, ok := item.(map[string]any); ok {
					prune(item)
				}
			}
		}
	}
}
