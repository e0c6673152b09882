package http01

import (
	"context"
	"encoding/json"
	"fmt"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// pod returns the pod for a challenge, overlaid with the issuer's pod template.
func (s *Solver) pod(c issuance.Challenge) (*applycorev1.PodApplyConfiguration, error) {
	pod := applycorev1.Pod(solverName(c), s.For.Namespace).WithLabels(s.labels(c)).WithSpec(s.podSpec(c))
	t := s.podTemplate()
	if t == nil {
		return pod, nil
	}
	pod.WithAnnotations(t.Annotations).WithLabels(t.Labels)
	if err := overlaySpec(pod.Spec, &t.Spec); err != nil {
		return nil, fmt.Errorf("podTemplate.spec: %w", err)
	}
	return pod, nil
}

func (s *Solver) podSpec(c issuance.Challenge) *applycorev1.PodSpecApplyConfiguration {
	memory := resource.MustParse("64Mi")
	container := applycorev1.Container().
		WithName("acmesolver").WithImage(s.Image).WithImagePullPolicy(corev1.PullIfNotPresent).
		WithArgs(fmt.Sprintf("--listen-port=%d", solverPort), "--domain="+c.Name, "--token="+c.Token, "--key="+c.KeyAuthorization).
		WithPorts(applycorev1.ContainerPort().WithName("http").WithContainerPort(solverPort)).
		WithSecurityContext(applycorev1.SecurityContext().
			WithAllowPrivilegeEscalation(false).WithReadOnlyRootFilesystem(true).
			WithCapabilities(applycorev1.Capabilities().WithDrop("ALL"))).
		WithResources(applycorev1.ResourceRequirements().
			WithRequests(corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: memory}).
			WithLimits(corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: memory}))
	return applycorev1.PodSpec().
		WithRestartPolicy(corev1.RestartPolicyOnFailure).WithAutomountServiceAccountToken(false).WithEnableServiceLinks(false).
		WithNodeSelector(map[string]string{corev1.LabelOSStable: "linux"}).
		WithSecurityContext(applycorev1.PodSecurityContext().
			WithRunAsNonRoot(true).
			WithSeccompProfile(applycorev1.SeccompProfile().WithType(corev1.SeccompProfileTypeRuntimeDefault))).
		WithContainers(container)
}

func (s *Solver) podTemplate() *cmacme.ACMEChallengeSolverHTTP01IngressPodTemplate {
	if i := s.Config.Ingress; i != nil {
		return i.PodTemplate
	}
	if g := s.Config.GatewayHTTPRoute; g != nil {
		return g.PodTemplate
	}
	return nil
}

// overlaySpec replaces the fields of a pod's spec that a template sets. Its resources are those
// of the container.
func overlaySpec(spec *applycorev1.PodSpecApplyConfiguration, template *cmacme.ACMEChallengeSolverHTTP01IngressPodSpec) error {
	data, err := json.Marshal(template)
	if err != nil {
		return err
	}
	var t applycorev1.PodSpecApplyConfiguration
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	if t.Resources != nil {
		spec.Containers[0].Resources = t.Resources
	}
	if t.NodeSelector != nil {
		spec.NodeSelector = t.NodeSelector
	}
	if t.SecurityContext != nil {
		spec.SecurityContext = t.SecurityContext
	}
	spec.Affinity, spec.Tolerations, spec.ImagePullSecrets = t.Affinity, t.Tolerations, t.ImagePullSecrets
	spec.PriorityClassName, spec.ServiceAccountName = t.PriorityClassName, t.ServiceAccountName
	return nil
}

// running waits until a solver pod is ready. Its error is why the pod is not.
func (s *Solver) running(ctx context.Context, pod manifest.Object) error {
	mapping, err := s.Client.Mapping(kube.KindOf(pod))
	if err != nil {
		return err
	}
	return s.until(ctx, func() error {
		u, err := s.Client.Resource(mapping, pod.Namespace()).Get(ctx, pod.Name(), metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("read %s: %w", pod.ID(), kube.WrapUnavailable(err))
		}
		return podTrouble(manifest.Object(u.Object))
	})
}

// podTrouble returns why a pod is not ready.
func podTrouble(pod manifest.Object) error {
	status := pod.Map("status")
	var why string
	for _, c := range manifest.Maps(status["conditions"]) {
		if c["type"] == "Ready" && c["status"] == "True" {
			return nil
		}
		if message, _ := c["message"].(string); message != "" {
			why = message
		}
	}
	for _, c := range manifest.Maps(status["containerStatuses"]) {
		if waiting := manifest.Object(c).Map("state", "waiting"); waiting != nil {
			why = fmt.Sprintf("%v: %v", waiting["reason"], waiting["message"])
		}
	}
	return fmt.Errorf("solver %s is not ready: %v %s", pod.ID(), status["phase"], why)
}
