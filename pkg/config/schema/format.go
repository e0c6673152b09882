package schema

import (
	"reflect"

	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// Format is the format of certs.yaml. cert-manager's types have only json tags.
var Format = &strictyaml.Format{
	Words:      allowed,
	Meant:      map[string]string{"Gateway": "HTTPRoute", "gateway": "HTTPRoute", "Route": "HTTPRoute"},
	IsRequired: mustBeGiven,
	Read:       readScalar,
	FreeForm:   []reflect.Type{reflect.TypeFor[apiext.JSON]()},
	IsSecret:   func(key string) bool { return key == "password" },
}
