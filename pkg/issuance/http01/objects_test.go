package http01

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	gwapi "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

var update = flag.Bool("update", false, "rewrite the expected objects")

// TestSolverObjects: the pod, the Service and the route of a challenge are those in
// testdata/solver, for every kind of solver.
func TestSolverObjects(t *testing.T) {
	group, section, port := gwapi.Group("gateway.networking.k8s.io"), gwapi.SectionName("web"), gwapi.PortNumber(80)
	class, user := "nginx", int64(1000)
	for name, s := range map[string]Solver{
		"ingress": {Config: &cmacme.ACMEChallengeSolverHTTP01{Ingress: &cmacme.ACMEChallengeSolverHTTP01Ingress{IngressClassName: &class}}},
		"ingress-template": {Config: &cmacme.ACMEChallengeSolverHTTP01{Ingress: &cmacme.ACMEChallengeSolverHTTP01Ingress{
			Class: &class, ServiceType: corev1.ServiceTypeClusterIP,
			IngressTemplate: &cmacme.ACMEChallengeSolverHTTP01IngressTemplate{ACMEChallengeSolverHTTP01IngressObjectMeta: cmacme.ACMEChallengeSolverHTTP01IngressObjectMeta{
				Annotations: map[string]string{"a": "1"}, Labels: map[string]string{"l": "2"},
			}},
			PodTemplate: &cmacme.ACMEChallengeSolverHTTP01IngressPodTemplate{
				ACMEChallengeSolverHTTP01IngressPodObjectMeta: cmacme.ACMEChallengeSolverHTTP01IngressPodObjectMeta{
					Annotations: map[string]string{"a": "3"}, Labels: map[string]string{"l": "4"},
				},
				Spec: cmacme.ACMEChallengeSolverHTTP01IngressPodSpec{
					NodeSelector:     map[string]string{"disk": "ssd"},
					Tolerations:      []corev1.Toleration{{Key: "solver", Operator: corev1.TolerationOpExists}},
					ImagePullSecrets: []corev1.LocalObjectReference{{Name: "registry"}},
					SecurityContext:  &cmacme.ACMEChallengeSolverHTTP01IngressPodSecurityContext{RunAsUser: &user},
					Resources: &cmacme.ACMEChallengeSolverHTTP01IngressPodResources{
						Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("32Mi")},
					},
				},
			},
		}}},
		"in-place": {Config: &cmacme.ACMEChallengeSolverHTTP01{Ingress: &cmacme.ACMEChallengeSolverHTTP01Ingress{Name: "web"}}},
		"gateway": {Config: &cmacme.ACMEChallengeSolverHTTP01{GatewayHTTPRoute: &cmacme.ACMEChallengeSolverHTTP01GatewayHTTPRoute{
			Labels:     map[string]string{"l": "5"},
			ParentRefs: []gwapi.ParentReference{{Group: &group, Name: "web", SectionName: &section, Port: &port}},
		}}},
		"gateway-of-operator": {Gateway: "shared", Config: &cmacme.ACMEChallengeSolverHTTP01{GatewayHTTPRoute: &cmacme.ACMEChallengeSolverHTTP01GatewayHTTPRoute{}}},
	} {
		t.Run(name, func(t *testing.T) {
			s.For, s.Image = issuance.Ref{Namespace: "shop", Name: "web-tls"}, "quay.io/jetstack/cert-manager-acmesolver:v1.21.2"
			objects, err := s.objects(issuance.Challenge{Name: "web.example.com", Token: "token", KeyAuthorization: "token.thumbprint"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(objects, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "solver", name+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
