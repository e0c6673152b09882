package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// Issuer is an Issuer or a ClusterIssuer, as read from an object.
type Issuer struct {
	Kind, Namespace, Name string
	Labels                map[string]string
	Spec                  cm.IssuerSpec
}

// Issuers reads the Issuers and ClusterIssuers of cert-manager's group among
// objects, in their order. The error names all that cannot be read; the others
// are returned.
func Issuers(objects []Object) ([]Issuer, error) {
	var issuers []Issuer
	var errs []error
	for _, o := range objects {
		id := o.ID()
		if id.Group != "cert-manager.io" || id.Kind != cm.ClusterIssuerKind && id.Kind != cm.IssuerKind {
			continue
		}
		i := Issuer{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name, Labels: o.Labels()}
		if err := readSpec(o["spec"], &i.Spec.IssuerConfig); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", id, err))
			continue
		}
		issuers = append(issuers, i)
	}
	return issuers, errors.Join(errs...)
}

// readSpec decodes through JSON, because its errors name the field.
func readSpec(values any, into *cm.IssuerConfig) error {
	text, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	err = json.Unmarshal(text, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s: cannot be of type %s", strings.TrimSuffix("spec."+wrong.Field, "."), wrong.Value)
	}
	if err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	return nil
}
