package validation

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) responder(at *strictyaml.Path, r v1alpha1.Responder) {
	c.label(at.At("namespace"), r.Namespace)
	c.label(at.At("service"), r.Service)
	if len(validation.IsDNS1123Label(r.Service)) == 0 && len(validation.IsDNS1035Label(r.Service)) > 0 {
		c.bad(at.At("service"), "%q must start with a letter, as a Service", r.Service)
	}
	if r.Port < 1 || r.Port > 65535 {
		c.bad(at.At("port"), "must be from 1 to 65535")
	}
}

// static checks an entry whose challenges take a permanent route.
func (c *checker) static(at *strictyaml.Path, e *v1alpha1.Expose, index *resolve.Index) {
	if len(index.StaticHosts(e)) == 0 {
		return
	}
	if e.As == v1alpha1.HTTPRoute && e.Namespace == "" {
		c.bad(at.At("namespace"), "required with http01: static, since the Gateway must name the namespaces whose routes may attach")
	}
	for i, r := range e.Routes {
		if strings.HasPrefix(r.Path+"/", v1alpha1.ChallengePath) {
			c.bad(at.At("routes").Item(i).At("path"), "%q is for the challenges, which http01: static leads to the responder; leave it out", shortened(r.Path))
		}
	}
}
