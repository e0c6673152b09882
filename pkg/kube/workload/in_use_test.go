package workload

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// mounts is a pod spec that mounts ConfigMap a.
const mounts = `{containers: [{name: c, image: i}], volumes: [{name: v, configMap: {name: a}}]}`

// idle is a pod spec without volumes.
const idle = `{containers: [{name: c, image: i}]}`

// TestInUse: who uses the ConfigMaps a and b of namespace shop, and a of
// namespace other.
func TestInUse(t *testing.T) {
	workload := func(kind, name, spec string) string {
		return `{apiVersion: apps/v1, kind: ` + kind + `, metadata: {name: ` + name + `, namespace: shop}, spec: {template: {spec: ` + spec + `}}}`
	}
	job := func(spec, condition string) string {
		return `{apiVersion: batch/v1, kind: Job, metadata: {name: job, namespace: shop}, spec: {template: {spec: ` + spec + `}}, status: {conditions: [{type: ` + condition + `, status: "True"}]}}`
	}
	cronJob := func(spec string) string {
		return `{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly, namespace: shop}, spec: {jobTemplate: {spec: {template: {spec: ` + spec + `}}}}}`
	}
	pod := func(namespace, phase string) string {
		return `{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: ` + namespace + `}, spec: ` + mounts + `, status: {phase: ` + phase + `}}`
	}
	const inShop, inOther = "ConfigMap/shop/a: ", "ConfigMap/other/a: "
	for name, tt := range map[string]struct {
		objects, soon []string
		forbidden     string   // the resource that may not be listed in namespace shop
		absent        []string // groups that the cluster does not serve
		want          string
	}{
		"no workload":             {},
		"a Deployment":            {objects: []string{workload("Deployment", "web", mounts)}, want: inShop + "Deployment/shop/web uses it"},
		"one without volumes":     {objects: []string{workload("Deployment", "web", idle)}},
		"the first of two":        {objects: []string{workload("Deployment", "web", mounts), workload("DaemonSet", "agent", mounts)}, want: inShop + "Deployment/shop/web uses it"},
		"a CronJob":               {objects: []string{cronJob(mounts)}, want: inShop + "CronJob/shop/nightly uses it"},
		"a Job that runs":         {objects: []string{job(mounts, "Suspended")}, want: inShop + "Job/shop/job uses it"},
		"a Job that has ended":    {objects: []string{job(mounts, "Complete")}},
		"a pod":                   {objects: []string{pod("shop", "Running")}, want: inShop + "Pod/shop/web-1 uses it"},
		"a pod elsewhere":         {objects: []string{pod("other", "Running")}, want: inOther + "Pod/other/web-1 uses it"},
		"a pod that succeeded":    {objects: []string{pod("shop", "Succeeded")}},
		"a pod that failed":       {objects: []string{pod("shop", "Failed")}},
		"a Deployment's progress": {objects: []string{strings.Replace(workload("Deployment", "web", mounts), "}}}}", `}}}, status: {conditions: [{type: Complete, status: "True"}]}}`, 1)}, want: inShop + "Deployment/shop/web uses it"},
		"no longer, soon":         {objects: []string{workload("StatefulSet", "db", mounts)}, soon: []string{workload("StatefulSet", "db", idle)}},
		"not yet, but soon":       {objects: []string{cronJob(idle)}, soon: []string{`{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}}`, cronJob(mounts)}, want: inShop + "CronJob/shop/nightly uses it"},
		"a pod of before":         {objects: []string{workload("Deployment", "web", mounts), pod("shop", "Running")}, soon: []string{workload("Deployment", "web", idle)}, want: inShop + "Pod/shop/web-1 uses it"},
		"another kind of a name":  {objects: []string{workload("Deployment", "web", mounts)}, soon: []string{workload("DaemonSet", "web", idle)}, want: inShop + "Deployment/shop/web uses it"},
		"another version":         {objects: []string{workload("Deployment", "web", mounts)}, soon: []string{strings.Replace(workload("Deployment", "web", idle), "apps/v1", "apps/v2", 1)}, want: inShop + "Deployment/shop/web uses it"},
		"without a kind":          {objects: []string{pod("shop", "Running")}, absent: []string{"batch"}, want: inShop + "Pod/shop/web-1 uses it"},
		"pods are forbidden":      {forbidden: "pods", want: inShop + "listing Pods is forbidden there, and one of them may use it\nConfigMap/shop/b: listing Pods is forbidden there, and one of them may use it"},
		"forbidden, but used":     {objects: []string{workload("Deployment", "web", mounts)}, forbidden: "pods", want: inShop + "Deployment/shop/web uses it\nConfigMap/shop/b: listing Pods is forbidden there, and one of them may use it"},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t, tt.absent...)
			client := filled(t, server, tt.objects...)
			server.Allow = func(r kubetest.Request) bool { return r.Resource != tt.forbidden || r.Namespace != "shop" }
			used, err := InUse(t.Context(), client, configMaps(t), objectsOf(t, tt.soon...))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range configMaps(t) {
				if why := used[o.ID()]; why != "" {
					got = append(got, o.ID().String()+": "+why)
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestInUseErrors: a workload that cannot be read, or a cluster that cannot, is
// an error, because an answer without it would be wrong.
func TestInUseErrors(t *testing.T) {
	const broken = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {volumes: none}}}}`
	const unreadable = "read Deployment/shop/web: cannot restore slice from string"
	for name, tt := range map[string]struct {
		soon   []manifest.Object
		change func(*kubetest.Server, *kube.Client) *kube.Client
		want   string
	}{
		"desired": {soon: objectsOf(t, broken), want: unreadable},
		"no template": {
			soon: objectsOf(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: text}`),
			want: "read Deployment/shop/web: .spec.template accessor error: text is of the type string, expected map[string]interface{}",
		},
		"in the cluster": {
			change: func(s *kubetest.Server, c *kube.Client) *kube.Client {
				s.Aggregated = map[string]http.Handler{"apps": listOf(broken, strings.Replace(broken, "name: web", "name: worse", 1), strings.NewReplacer("name: web", "name: fine", "none", "[]").Replace(broken))}
				return c
			},
			want: unreadable,
		},
		"lists": {
			change: func(s *kubetest.Server, c *kube.Client) *kube.Client {
				s.Before = func(*http.Request) error { return apierrors.NewBadRequest("not now") }
				return c
			},
			want: "list deployments: not now",
		},
		"discovery": {
			change: func(s *kubetest.Server, _ *kube.Client) *kube.Client {
				c, err := kube.New(s.Config(), brokenMapper{}, "shop")
				if err != nil {
					t.Fatal(err)
				}
				return c
			},
			want: "find Deployment on the server: discovery is down",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t)
			client := filled(t, server)
			if tt.change != nil {
				client = tt.change(server, client)
			}
			used, err := InUse(t.Context(), client, configMaps(t)[:1], tt.soon)
			if err == nil || err.Error() != tt.want || used != nil {
				t.Errorf("used %v, error %v, want %s", used, err, tt.want)
			}
		})
	}
}

// brokenMapper is the mapper of a server without discovery.
type brokenMapper struct{ meta.RESTMapper }

func (brokenMapper) RESTMapping(schema.GroupKind, ...string) (*meta.RESTMapping, error) {
	return nil, errors.New("discovery is down")
}

// listOf answers every request with a list of objects, which no API server has
// checked.
func listOf(objects ...string) http.Handler {
	list := "{apiVersion: apps/v1, kind: DeploymentList, items: [" + strings.Join(objects, ", ") + "]}"
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		data, err := yaml.YAMLToJSON([]byte(list))
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(data)
	})
}

func configMaps(t *testing.T) []manifest.Object {
	t.Helper()
	return objectsOf(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}`,
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}}`,
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}`)
}

// filled returns a client of a server with some objects in the namespaces shop
// and other.
func filled(t *testing.T, server *kubetest.Server, objects ...string) *kube.Client {
	t.Helper()
	client, err := kube.New(server.Config(), server.Mapper(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	namespaces := []string{`{apiVersion: v1, kind: Namespace, metadata: {name: shop}}`, `{apiVersion: v1, kind: Namespace, metadata: {name: other}}`}
	for _, o := range objectsOf(t, append(namespaces, objects...)...) {
		if _, err := client.Apply(t.Context(), o, metav1.ApplyOptions{FieldManager: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	return client
}

func objectsOf(t *testing.T, texts ...string) (objects []manifest.Object) {
	t.Helper()
	for _, text := range texts {
		var o manifest.Object
		if err := yaml.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	return objects
}
