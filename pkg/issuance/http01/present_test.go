package http01

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gwapi "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

var challenge = issuance.Challenge{Name: "a.example.com", Token: "token", KeyAuthorization: "token.thumbprint"}

func serverClient(t *testing.T, s *kubetest.Server) *kube.Client {
	t.Helper()
	client, err := kube.New(s.Config(), s.Mapper(), "default")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// put creates an object as another client.
func put(t *testing.T, client *kube.Client, yaml string) {
	t.Helper()
	objects, err := manifest.Decode([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if _, err := client.Apply(t.Context(), o, metav1.ApplyOptions{FieldManager: "somebody"}); err != nil {
			t.Fatal(err)
		}
	}
}

// solverObjects lists the objects of solvers, and the Ingresses, of all namespaces.
func solverObjects(t *testing.T, client *kube.Client) []string {
	t.Helper()
	list := []string{}
	for _, kind := range solverKinds {
		mapping, err := client.Mapping(kind)
		if meta.IsNoMatchError(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all, err := client.Resource(mapping, "").List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range all.Items {
			list = append(list, strings.Replace(manifest.Object(u.Object).ID().String(), solverName(challenge), "SOLVER", 1))
		}
	}
	return list
}

// solver returns a solver whose pod is ready at once, as the server runs none.
func newTestSolver(t *testing.T, s *kubetest.Server) *Solver {
	t.Helper()
	client := serverClient(t, s)
	put(t, client, "{apiVersion: v1, kind: Pod, metadata: {name: "+solverName(challenge)+", namespace: default}, status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}")
	return &Solver{
		Client: client, For: issuance.Ref{Namespace: "default", Name: "a-tls"}, Image: "solver",
		Config: &cmacme.ACMEChallengeSolverHTTP01{Ingress: &cmacme.ACMEChallengeSolverHTTP01Ingress{}},
		Wait:   &metav1.Duration{},
	}
}

// TestSolverObjectsOfAChallenge: a solver is created for a challenge and deleted after it. An Ingress that is
// edited in place belongs to another client and stays.
func TestSolverObjectsOfAChallenge(t *testing.T) {
	for name, tt := range map[string]struct {
		ingress string // to be edited
		during  []string
	}{
		"by an Ingress of its own": {during: []string{"Pod/default/SOLVER", "Service/default/SOLVER", "Ingress/default/SOLVER", "Ingress/default/web"}},
		"in place":                 {ingress: "web", during: []string{"Pod/default/SOLVER", "Service/default/SOLVER", "Ingress/default/web"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestSolver(t, kubetest.Start(t))
			s.Config.Ingress.Name = tt.ingress
			put(t, s.Client, "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: default}, spec: {rules: [{host: b.example.com}]}}")
			if err := s.Present(t.Context(), []issuance.Challenge{challenge}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.during, solverObjects(t, s.Client)); diff != "" {
				t.Errorf("during (-want +got):\n%s", diff)
			}
			if hosts, want := hostsOf(t, s.Client, "web"), tt.ingress != ""; slices.Contains(hosts, challenge.Name) != want {
				t.Errorf("during, Ingress web has %v", hosts)
			}
			if err := s.CleanUp(t.Context(), []issuance.Challenge{challenge}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"Ingress/default/web"}, solverObjects(t, s.Client)); diff != "" {
				t.Errorf("after (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"b.example.com"}, hostsOf(t, s.Client, "web")); diff != "" {
				t.Errorf("after, hosts of web (-want +got):\n%s", diff)
			}
		})
	}
}

func hostsOf(t *testing.T, client *kube.Client, ingress string) []string {
	t.Helper()
	mapping, err := client.Mapping(ingressKind)
	if err != nil {
		t.Fatal(err)
	}
	u, err := client.Resource(mapping, "default").Get(t.Context(), ingress, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var hosts []string
	rules, _ := manifest.Object(u.Object).Map("spec")["rules"].([]any)
	for _, r := range manifest.Maps(rules) {
		host, _ := r["host"].(string)
		hosts = append(hosts, host)
	}
	return hosts
}

// TestObjectsOfInterruptedRun: objects of an interrupted run are corrected.
func TestObjectsOfInterruptedRun(t *testing.T) {
	s := newTestSolver(t, kubetest.Start(t))
	put(t, s.Client, "{apiVersion: v1, kind: Service, metadata: {name: "+solverName(challenge)+", namespace: default}, spec: {type: ExternalName}}")
	if err := s.Present(t.Context(), []issuance.Challenge{challenge}); err != nil {
		t.Error(err)
	}
}

// TestErrorNamesFailedStep: the error names the step that failed.
func TestErrorNamesFailedStep(t *testing.T) {
	for name, tt := range map[string]struct {
		ingress string
		absent  string
		refused func(kubetest.Request) bool
		want    string
	}{
		"a pod may not be made": {refused: func(r kubetest.Request) bool { return r.Verb == "patch" && r.Resource == "pods" }, want: "create solver Pod/default/"},
		"no Ingress to edit":    {ingress: "web", want: "read Ingress default/web to edit it in place: "},
		"a pod may not be seen": {refused: func(r kubetest.Request) bool { return r.Verb == "get" && r.Resource == "pods" }, want: "context"},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t)
			s := newTestSolver(t, server)
			s.Ingress = tt.ingress
			ctx, end := context.WithCancel(t.Context())
			defer end()
			server.Allow = func(r kubetest.Request) bool {
				if r.Verb == "get" && r.Resource == "pods" {
					end() // one look is enough
				}
				return tt.refused == nil || !tt.refused(r)
			}
			if err := s.Present(ctx, []issuance.Challenge{challenge}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestCleanFails: an object that cannot be deleted does not prevent the deletion of the others.
func TestCleanFails(t *testing.T) {
	server := kubetest.Start(t)
	s := newTestSolver(t, server)
	if err := s.Present(t.Context(), []issuance.Challenge{challenge}); err != nil {
		t.Fatal(err)
	}
	server.Allow = func(r kubetest.Request) bool { return r.Verb != "delete" || r.Resource != "pods" }
	if err := s.CleanUp(t.Context(), []issuance.Challenge{challenge}); err == nil || !strings.Contains(err.Error(), "Pod/default/") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"Pod/default/SOLVER"}, solverObjects(t, s.Client)); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// TestSelfCheck: a challenge must be answered twice in a row, since controllers have replicas;
// the issuer's wait replaces the check.
func TestSelfCheck(t *testing.T) {
	no := errors.New("404")
	for name, tt := range map[string]struct {
		answers []error // the last one counts for ever
		wait    *metav1.Duration
		looks   int
		took    time.Duration
		err     string
	}{
		"twice":           {answers: []error{nil}, looks: 2, took: time.Second},
		"late":            {answers: []error{no, no, nil}, looks: 4, took: 3 * time.Second},
		"not in a row":    {answers: []error{nil, no, nil}, looks: 4, took: 3 * time.Second},
		"never":           {answers: []error{no}, looks: 121, took: patience, err: "404, explained"},
		"a wait":          {answers: []error{no}, wait: &metav1.Duration{Duration: time.Minute}, took: time.Minute},
		"an endless wait": {answers: []error{no}, wait: &metav1.Duration{Duration: time.Hour}, took: 30 * time.Minute, err: "context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, end := context.WithTimeout(t.Context(), 30*time.Minute)
				defer end()
				looks, begin := 0, time.Now()
				s := &Solver{Wait: tt.wait, See: func(context.Context, issuance.Challenge) error {
					looks++
					return tt.answers[min(looks, len(tt.answers))-1]
				}, Explain: func(_ context.Context, _ string, err error) error {
					return fmt.Errorf("%w, explained", err)
				}}
				err := s.visible(ctx, challenge)
				text := ""
				if err != nil {
					text = err.Error()
				}
				if took := time.Since(begin).Truncate(time.Second); text != tt.err || took != tt.took || looks < tt.looks-1 || looks > tt.looks {
					t.Errorf("%d looks, %s, error %q", looks, took, text)
				}
			})
		})
	}
}

// TestUntilTheEnd: when the run ends, that is the error, not the last check.
func TestUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithTimeout(t.Context(), 5*time.Second)
		defer end()
		if err := new(Solver).until(ctx, func() error { return errors.New("404") }); err == nil || err.Error() == "404" {
			t.Errorf("error %v", err)
		}
	})
}

// TestPodTrouble: the error is why a solver is not ready.
func TestPodTrouble(t *testing.T) {
	for status, want := range map[string]string{
		"{phase: Running, conditions: [{type: Initialized, status: 'True'}, {type: Ready, status: 'True'}]}": "",
		"{phase: Pending}": "solver Pod/n/a is not ready: Pending ",
		"{phase: Pending, conditions: [{type: Initialized, status: 'True'}]}":                                                               "solver Pod/n/a is not ready: Pending ",
		"{phase: Pending, conditions: [{type: PodScheduled, status: 'False', message: no nodes}, {type: Ready, status: 'False'}]}":          "solver Pod/n/a is not ready: Pending no nodes",
		"{phase: Pending, containerStatuses: [{state: {waiting: {reason: ErrImagePull, message: no such image}}}, {state: {running: {}}}]}": "solver Pod/n/a is not ready: Pending ErrImagePull: no such image",
	} {
		objects, err := manifest.Decode([]byte("{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: n}, status: " + status + "}"))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := podTrouble(objects[0]); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

// TestLabelOf: short names are kept; long ones remain distinct.
func TestLabelOf(t *testing.T) {
	fits, long, longer := strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("x", 65)
	if labelOf(fits) != fits {
		t.Errorf("%s became %s", fits, labelOf(fits))
	}
	if a, b := labelOf(long), labelOf(longer); a == b || len(a) != 63 || len(b) != 63 {
		t.Errorf("%s and %s", a, b)
	}
}

// TestRouteOfIssuer: the issuer's settings have precedence over the operator's.
func TestRouteOfIssuer(t *testing.T) {
	config := &cmacme.ACMEChallengeSolverHTTP01GatewayHTTPRoute{ParentRefs: []gwapi.ParentReference{{Name: "own"}}}
	s := Solver{Gateway: "shared"}
	var names []string
	for _, p := range s.parents(config) {
		names = append(names, string(*p.Name))
	}
	if diff := cmp.Diff([]string{"own"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Ingress = "shared"
	for name, tt := range map[string]struct {
		config *cmacme.ACMEChallengeSolverHTTP01Ingress
		want   string
	}{
		"none": {nil, "shared"}, "without a name": {&cmacme.ACMEChallengeSolverHTTP01Ingress{}, "shared"}, "its own": {&cmacme.ACMEChallengeSolverHTTP01Ingress{Name: "own"}, "own"},
	} {
		s.Config = &cmacme.ACMEChallengeSolverHTTP01{Ingress: tt.config}
		if got := s.inPlace(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
		if s.podTemplate() != nil {
			t.Errorf("%s: a template from nowhere", name)
		}
	}
}
