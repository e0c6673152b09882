package http01

import (
	"context"
	"fmt"
	"maps"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

func (s *Prover) podSpec(c run.Challenge) map[string]any {
	return map[string]any{
		"restartPolicy": "OnFailure", "automountServiceAccountToken": false, "enableServiceLinks": false,
		"nodeSelector":    map[string]any{"kubernetes.io/os": "linux"},
		"securityContext": map[string]any{"runAsNonRoot": true, "seccompProfile": map[string]any{"type": "RuntimeDefault"}},
		"containers": []any{map[string]any{
			"name": "acmesolver", "image": s.Image, "imagePullPolicy": "IfNotPresent",
			"args": []any{
				fmt.Sprintf("--listen-port=%d", solverPort), "--domain=" + c.Name, "--token=" + c.Token, "--key=" + c.KeyAuthorization,
			},
			"ports": []any{map[string]any{"name": "http", "containerPort": int64(solverPort)}},
			"securityContext": map[string]any{
				"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
			},
			"resources": map[string]any{
				"requests": map[string]any{"cpu": "10m", "memory": "64Mi"}, "limits": map[string]any{"cpu": "100m", "memory": "64Mi"},
			},
		}},
	}
}

// addPodTemplate lays the issuer's pod template over a pod.
func (s *Prover) addPodTemplate(pod manifest.Object) error {
	var t *cmacme.ACMEChallengeSolverHTTP01IngressPodTemplate
	if i := s.Config.Ingress; i != nil {
		t = i.PodTemplate
	} else if g := s.Config.GatewayHTTPRoute; g != nil {
		t = g.PodTemplate
	}
	if t == nil {
		return nil
	}
	addTo(pod, "annotations", t.Annotations)
	addTo(pod, "labels", t.Labels)
	wishes, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&t.Spec)
	if err != nil {
		return fmt.Errorf("podTemplate.spec: %w", err)
	}
	spec := pod.Map("spec")
	if resources, ok := wishes["resources"]; ok {
		spec["containers"].([]any)[0].(map[string]any)["resources"] = resources
		delete(wishes, "resources")
	}
	maps.Copy(spec, wishes)
	return nil
}

// running waits for a solver pod to be ready, and says why it is not.
func (s *Prover) running(ctx context.Context, pod manifest.Object) error {
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

// podTrouble says why a pod is not ready.
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
