package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// TestUpstreamNames: one name for every Service and port, each of them a label that
// NGINX Ingress Controller takes, however long the names are.
func TestUpstreamNames(t *testing.T) {
	route := func(name, service string, port int32) v1alpha1.Route {
		return v1alpha1.Route{Name: name, Path: "/", Service: service, Port: intstr.FromInt32(port)}
	}
	long, dashed := strings.Repeat("a", 63), strings.Repeat("a", 59)+"-bcd"
	for name, tt := range map[string]struct {
		routes []v1alpha1.Route
		want   []string
	}{
		"as the Service":      {[]v1alpha1.Route{route("", "web", 80), route("", "web", 80)}, []string{"web"}},
		"another port":        {[]v1alpha1.Route{route("", "web", 80), route("", "web", 81)}, []string{"web", "web-81"}},
		"another Service":     {[]v1alpha1.Route{route("x", "web", 80), route("x", "api", 80), route("x", "pay", 80)}, []string{"x", "x-80", "x-80-2"}},
		"long":                {[]v1alpha1.Route{route("", long, 80), route("", long, 8080)}, []string{long, long[:58] + "-8080"}},
		"long more than once": {[]v1alpha1.Route{route(long, "a", 80), route(long, "b", 80), route(long, "c", 80)}, []string{long, long[:60] + "-80", long[:58] + "-80-2"}},
		"cut at a dash":       {[]v1alpha1.Route{route("", dashed, 80), route("", dashed, 81)}, []string{dashed, dashed[:59] + "-81"}},
	} {
		t.Run(name, func(t *testing.T) {
			ups, _ := upstreams(tt.routes)
			var got []string
			for _, u := range ups {
				upstream := u.(map[string]any)["name"].(string)
				if wrong := validation.IsDNS1035Label(upstream); len(wrong) > 0 {
					t.Errorf("%q: %v", upstream, wrong)
				}
				got = append(got, upstream)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
