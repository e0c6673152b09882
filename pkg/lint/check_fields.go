package lint

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	strictjson "sigs.k8s.io/json"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// unknownField matches an error of strict decoding.
var unknownField = regexp.MustCompile(`^unknown field "(.*)"$`)

// fields reports unknown fields of cert-manager's objects. newIndex reports other
// errors of their form.
func (l *linter) fields(o manifest.Object) {
	id := o.ID()
	if id.Group != "cert-manager.io" {
		return
	}
	var into any
	switch id.Kind {
	case cm.CertificateKind:
		into = &cm.Certificate{}
	case cm.IssuerKind, cm.ClusterIssuerKind:
		into = &cm.Issuer{}
	default:
		return
	}
	text, err := json.Marshal(o)
	if err != nil {
		return // addObject reports it
	}
	strict, err := strictjson.UnmarshalStrict(text, into)
	if err != nil {
		return
	}
	for _, problem := range strict {
		if field := unknownField.FindStringSubmatch(problem.Error()); field != nil && !strings.HasPrefix(field[1], "sops") {
			l.report("C121", id, field[1], "is not a field of %s %s", article(id.Kind), id.Kind)
		}
	}
}

// gone maps API versions that are no longer served to their replacement.
var gone = map[string]string{
	"certmanager.k8s.io/v1alpha1": "cert-manager.io/v1", "certmanager.k8s.io/v1beta1": "cert-manager.io/v1",
	"cert-manager.io/v1alpha2": "cert-manager.io/v1", "cert-manager.io/v1alpha3": "cert-manager.io/v1", "cert-manager.io/v1beta1": "cert-manager.io/v1",
	"extensions/v1beta1": "networking.k8s.io/v1", "networking.k8s.io/v1beta1": "networking.k8s.io/v1",
}

// version reports API versions that are no longer served: cert-manager's, and
// those of Ingress.
func (l *linter) version(o manifest.Object) {
	version, _ := o["apiVersion"].(string)
	ofKubernetes := slices.Contains([]string{"extensions/v1beta1", "networking.k8s.io/v1beta1"}, version)
	if now := gone[version]; now != "" && (!ofKubernetes || o.Kind() == "Ingress") {
		l.report("C124", o.ID(), "apiVersion", "is %s; the version is now %s", version, now)
	}
}
