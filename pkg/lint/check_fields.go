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

// unknownField is how strict decoding names a field.
var unknownField = regexp.MustCompile(`^unknown field "(.*)"$`)

// fields reports fields that cert-manager's objects do not have. What else is
// wrong with their form is reported where they are read.
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
		return // no plain values, which addObject reports
	}
	strict, err := strictjson.UnmarshalStrict(text, into)
	if err != nil {
		return
	}
	for _, problem := range strict {
		if field := unknownField.FindStringSubmatch(problem.Error()); field != nil && !strings.HasPrefix(field[1], "sops") {
			l.report("C121", id, field[1], "is no field of %s %s", article(id.Kind), id.Kind)
		}
	}
}

// gone are API groups and versions that no cluster of today serves, by what
// there is instead.
var gone = map[string]string{
	"certmanager.k8s.io/v1alpha1": "cert-manager.io/v1", "certmanager.k8s.io/v1beta1": "cert-manager.io/v1",
	"cert-manager.io/v1alpha2": "cert-manager.io/v1", "cert-manager.io/v1alpha3": "cert-manager.io/v1", "cert-manager.io/v1beta1": "cert-manager.io/v1",
	"extensions/v1beta1": "networking.k8s.io/v1", "networking.k8s.io/v1beta1": "networking.k8s.io/v1",
}

// version reports API versions that are gone. Of those of Kubernetes only
// Ingress is of our concern.
func (l *linter) version(o manifest.Object) {
	version, _ := o["apiVersion"].(string)
	ofKubernetes := slices.Contains([]string{"extensions/v1beta1", "networking.k8s.io/v1beta1"}, version)
	if now := gone[version]; now != "" && (!ofKubernetes || o.Kind() == "Ingress") {
		l.report("C124", o.ID(), "apiVersion", "is %s, of which there is %s now", version, now)
	}
}
