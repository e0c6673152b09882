package cmd_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
)

func TestJourney(t *testing.T)     { followReadme(t, clientOf(t, startKube(t))) }
func TestLiveJourney(t *testing.T) { followReadme(t, startLab(t).client()) }

// journey is a user with an empty folder who types what the README says.
type journey struct {
	t      *testing.T
	client dynamic.Interface
	ca     *acmetest.CA // in place of Let's Encrypt's staging server
	top    string
	readme document
	seen   string // the README with the output that was seen
	status shown  // what the README shows at the end
}

// followReadme follows the README from an empty folder to the status of an issued
// certificate, without cert-manager.
func followReadme(t *testing.T, client dynamic.Interface) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	readme := readDocument(t, filepath.Join(top, "README.md"))
	j := &journey{t: t, client: client, ca: acmetest.Start(t), top: top, readme: readme, seen: readme.text}
	makeNamespaces(t, client, "default")
	t.Chdir(t.TempDir())
	for _, b := range readme.blocks() {
		if b.section == "First five minutes" || b.section == "Without cert-manager" {
			j.follow(b)
		}
	}
	issued(t, client, "default", j.ca.Roots, "cafe-tls", "cert.example.com")
	readme.update(t, j.seen)
}

func (j *journey) follow(b block) {
	j.t.Helper()
	switch b.language {
	case "yaml":
		write(j.t, "certs.yaml", b.body)
	case "console":
		for _, c := range b.commands() {
			if strings.HasPrefix(c.line, "kubectl certs status") {
				j.status = c // nothing issues yet
				continue
			}
			j.seen = j.readme.check(j.t, j.seen, c, execute(j.t, c.line))
			j.usePebble()
		}
	case "sh":
		for _, line := range strings.Split(strings.TrimSpace(b.body), "\n") {
			j.enter(line)
		}
	}
}

// usePebble makes Pebble the CA of environment staging.
func (j *journey) usePebble() {
	j.t.Helper()
	data, err := os.ReadFile("certs.yaml")
	if err != nil {
		j.t.Fatal(err)
	}
	pebble := fmt.Sprintf("server: %q, caBundle: %s", j.ca.Directory, base64.StdEncoding.EncodeToString(j.ca.Bundle))
	changed := strings.Replace(string(data), "server: letsencrypt-staging", pebble, 1)
	if changed == string(data) {
		j.t.Fatal("the README has no environment with letsencrypt-staging")
	}
	write(j.t, "certs.yaml", changed)
	certs(j.t, 0, "generate")
}

// enter runs a command of an sh block.
func (j *journey) enter(line string) {
	j.t.Helper()
	words := strings.Fields(line)
	switch {
	case line == "kubectl apply -k kustomize/cafe":
		certs(j.t, 0, "apply", "-k", filepath.Join(j.top, "kustomize", "cafe"))
	case strings.HasPrefix(line, "kubectl apply -k "):
		certs(j.t, 0, words[1:]...)
	case strings.HasPrefix(line, "kubectl apply -f https://github.com/cert-manager/cert-manager/releases/"): // the CRDs, which are there
	case strings.HasPrefix(line, "kubectl create namespace "):
		makeNamespaces(j.t, j.client, words[3])
	case strings.HasPrefix(line, "kubectl certs run "):
		certs(j.t, 0, append(words[2:], static(j.ca)...)...)
	case line == j.status.line:
		j.compareStatus(execute(j.t, line))
	default:
		j.t.Errorf("the README says %q, which this test does not know", line)
	}
}

// compareStatus compares the status with the README, but for ages.
func (j *journey) compareStatus(output string) {
	j.t.Helper()
	ages := regexp.MustCompile(`\b\d+d\b`)
	if ages.ReplaceAllString(output, "Nd") != ages.ReplaceAllString(j.status.output, "Nd") {
		j.seen = j.readme.check(j.t, j.seen, j.status, output)
	}
	if !strings.Contains(output, "cafe-tls") {
		j.t.Errorf("the status does not show the certificate:\n%s", output)
	}
}

var deploymentsOf = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// TestCafe: the web servers of kustomize/cafe run in a namespace that enforces
// the Pod Security Standard restricted. TestLiveCafe asks an API server.
func TestCafe(t *testing.T) {
	client := clientOf(t, startKube(t))
	for _, pod := range cafePods(t, client) {
		s := pod.Spec.SecurityContext
		if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile == nil || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: security context %v", pod.Name, s)
		}
		for _, c := range pod.Spec.Containers {
			s := c.SecurityContext
			if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
				s.Capabilities == nil || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(s.Capabilities.Add) > 0 {
				t.Errorf("%s: security context %v", pod.Name, s)
			}
			if _, tag, found := strings.Cut(c.Image, ":"); !found || tag == "latest" {
				t.Errorf("%s: image %s has no version", pod.Name, c.Image)
			}
		}
	}
}

func TestLiveCafe(t *testing.T) {
	client := startLab(t).client()
	apply(t, client, "{apiVersion: v1, kind: Namespace, metadata: {name: restricted, labels: {pod-security.kubernetes.io/enforce: restricted}}}\n"+
		"---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: restricted}}\n")
	for _, pod := range cafePods(t, client) {
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&pod)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Resource(podsOf).Namespace("restricted").Create(t.Context(), &unstructured.Unstructured{Object: object}, metav1.CreateOptions{}); err != nil {
			t.Errorf("%s: %v", pod.Name, err)
		}
	}
}

// cafePods applies kustomize/cafe and returns the pods of its Deployments.
func cafePods(t *testing.T, client dynamic.Interface) []corev1.Pod {
	t.Helper()
	makeNamespaces(t, client, "default")
	certs(t, 0, "apply", "-k", filepath.Join("..", "..", "kustomize", "cafe"))
	list, err := client.Resource(deploymentsOf).Namespace("default").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var pods []corev1.Pod
	for _, deployment := range list.Items {
		template, _, _ := unstructured.NestedMap(deployment.Object, "spec", "template")
		pod := corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(template, &pod); err != nil {
			t.Fatal(err)
		}
		pod.Name = deployment.GetName()
		pods = append(pods, pod)
	}
	if len(pods) != 2 {
		t.Fatalf("%d Deployments, want coffee and tea", len(pods))
	}
	return pods
}
