package http01

import (
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	applynetworkingv1 "k8s.io/client-go/applyconfigurations/networking/v1"
	gwapi "sigs.k8s.io/gateway-api/apis/v1"
	applygwapi "sigs.k8s.io/gateway-api/applyconfiguration/apis/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// objects returns the pod, the Service and the route for a challenge, in this order, without an
// Ingress that is edited in place.
func (s *Solver) objects(c issuance.Challenge) ([]manifest.Object, error) {
	pod, err := s.pod(c)
	if err != nil {
		return nil, err
	}
	configurations := []any{pod, s.service(c)}
	switch {
	case s.Config.GatewayHTTPRoute != nil:
		configurations = append(configurations, s.httpRoute(c))
	case s.inPlace() == "":
		configurations = append(configurations, s.ingress(c))
	}
	objects := make([]manifest.Object, len(configurations))
	for i, configuration := range configurations {
		if objects[i], err = runtime.DefaultUnstructuredConverter.ToUnstructured(configuration); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

func (s *Solver) service(c issuance.Challenge) *applycorev1.ServiceApplyConfiguration {
	labels := s.labels(c)
	return applycorev1.Service(solverName(c), s.For.Namespace).WithLabels(labels).WithSpec(applycorev1.ServiceSpec().
		WithType(s.serviceType()).
		WithSelector(map[string]string{domainLabel: labels[domainLabel], tokenLabel: labels[tokenLabel]}).
		WithPorts(applycorev1.ServicePort().WithName("http").WithPort(solverPort).WithTargetPort(intstr.FromInt32(solverPort))))
}

func (s *Solver) serviceType() corev1.ServiceType {
	if i := s.Config.Ingress; i != nil && i.ServiceType != "" {
		return i.ServiceType
	}
	if g := s.Config.GatewayHTTPRoute; g != nil && g.ServiceType != "" {
		return g.ServiceType
	}
	return corev1.ServiceTypeNodePort // cert-manager's default; some controllers can reach only nodes
}

func (s *Solver) ingress(c issuance.Challenge) *applynetworkingv1.IngressApplyConfiguration {
	rule := applynetworkingv1.IngressRule().WithHost(c.Name).
		WithHTTP(applynetworkingv1.HTTPIngressRuleValue().WithPaths(ingressPath(c, solverName(c))))
	spec := applynetworkingv1.IngressSpec().WithRules(rule)
	ingress := applynetworkingv1.Ingress(solverName(c), s.For.Namespace).WithLabels(s.labels(c)).WithSpec(spec).
		WithAnnotations(map[string]string{"nginx.ingress.kubernetes.io/whitelist-source-range": "0.0.0.0/0,::/0"})
	i := s.Config.Ingress
	if i == nil {
		return ingress
	}
	if i.IngressClassName != nil {
		spec.WithIngressClassName(*i.IngressClassName)
	}
	if i.Class != nil {
		ingress.WithAnnotations(map[string]string{"kubernetes.io/ingress.class": *i.Class})
	}
	if t := i.IngressTemplate; t != nil {
		ingress.WithAnnotations(t.Annotations).WithLabels(t.Labels)
	}
	return ingress
}

// ingressPath routes the path of a challenge to a Service.
func ingressPath(c issuance.Challenge, service string) *applynetworkingv1.HTTPIngressPathApplyConfiguration {
	backend := applynetworkingv1.IngressServiceBackend().WithName(service).
		WithPort(applynetworkingv1.ServiceBackendPort().WithNumber(solverPort))
	return applynetworkingv1.HTTPIngressPath().WithPath(pathOf(c)).WithPathType(networkingv1.PathTypeExact).
		WithBackend(applynetworkingv1.IngressBackend().WithService(backend))
}

func (s *Solver) httpRoute(c issuance.Challenge) *applygwapi.HTTPRouteApplyConfiguration {
	match := applygwapi.HTTPRouteMatch().
		WithPath(applygwapi.HTTPPathMatch().WithType(gwapi.PathMatchExact).WithValue(pathOf(c)))
	backend := applygwapi.HTTPBackendRef().WithName(gwapi.ObjectName(solverName(c))).WithPort(solverPort)
	return applygwapi.HTTPRoute(solverName(c), s.For.Namespace).
		WithLabels(s.labels(c)).WithLabels(s.Config.GatewayHTTPRoute.Labels).
		WithSpec(applygwapi.HTTPRouteSpec().
			WithParentRefs(s.parents(s.Config.GatewayHTTPRoute)...).
			WithHostnames(gwapi.Hostname(c.Name)).
			WithRules(applygwapi.HTTPRouteRule().WithMatches(match).WithBackendRefs(backend)))
}

// parents returns the parents of an HTTPRoute: the issuer's, or else Solver.Gateway.
func (s *Solver) parents(config *cmacme.ACMEChallengeSolverHTTP01GatewayHTTPRoute) []*applygwapi.ParentReferenceApplyConfiguration {
	var parents []*applygwapi.ParentReferenceApplyConfiguration
	for _, p := range config.ParentRefs {
		parents = append(parents, &applygwapi.ParentReferenceApplyConfiguration{
			Group: p.Group, Kind: p.Kind, Namespace: p.Namespace, Name: &p.Name, SectionName: p.SectionName, Port: p.Port,
		})
	}
	if len(parents) == 0 && s.Gateway != "" {
		parents = append(parents, applygwapi.ParentReference().
			WithGroup(gwapi.GroupName).WithKind("Gateway").WithName(gwapi.ObjectName(s.Gateway)))
	}
	return parents
}
