package project

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestTrustNamespace: it is that of the entries that read Secrets of issuers,
// wherever they are among the others.
func TestTrustNamespace(t *testing.T) {
	const (
		follows = `{name: a, fromIssuers: [corp], to: {trust-manager: {trustNamespace: pki}}}`
		files   = `{name: b, from: [roots.pem], to: {trust-manager: {}}}`
		others  = `{name: c, from: [roots.pem], to: {talos: {}}}`
	)
	for trust, want := range map[string]string{
		follows + "," + files + "," + others: "pki",
		files + "," + follows:                "pki",
		files + "," + others:                 "",
	} {
		doc, err := config.Parse(nil, "certs.yaml", []byte(`{apiVersion: kubectl-certs.dev/v1alpha1, kind: Certs, issuers: [{name: corp, private: {commonName: Corp, namespace: pki}}], trust: [`+trust+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := trustNamespace(*doc.Of("")); got != want {
			t.Errorf("%s: %q, want %q", trust, got, want)
		}
	}
}

func TestTarget(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	if _, err := open(t, o).Target(); text(err) != "certs.yaml has several environments; choose one with -e: staging, prod" {
		t.Errorf("two environments: %v", err)
	}
	o.Environment = "staging"
	target, err := open(t, o).Target()
	if err != nil {
		t.Fatal(err)
	}
	if target.Set != "shop_staging" || target.TrustNamespace != "" || target.Folders != nil {
		t.Errorf("set %q, trust namespace %q, folders %v", target.Set, target.TrustNamespace, target.Folders)
	}
	want := []string{"ClusterIssuer/web ca-staging", "ClusterIssuer/corp corp"}
	if diff := cmp.Diff(want, secretsOf(target)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// secretsOf lists the objects of a target with the Secrets that they name.
func secretsOf(t Target) []string {
	var list []string
	for _, o := range t.Objects {
		name, _ := o.Map("spec", "ca")["secretName"].(string)
		list = append(list, o.ID().String()+" "+name)
	}
	return list
}

// TestBuildTarget: a kustomization is the same for a cluster as the environment
// that it was generated from, but for what only certs.yaml says.
func TestBuildTarget(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	generate(t, o)
	target, err := BuildTarget(limits.New(nil), filepath.Join(filepath.Dir(o.File), "overlays", "staging"))
	if err != nil {
		t.Fatal(err)
	}
	if target.Set != "shop_staging" {
		t.Errorf("set %q", target.Set)
	}
	want := []string{"ClusterIssuer/web ca-staging", "ClusterIssuer/corp corp"}
	if diff := cmp.Diff(want, secretsOf(target)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	for name, wrong := range map[string]string{"missing": "missing", "base": "base"} {
		if _, err := BuildTarget(nil, filepath.Join(filepath.Dir(o.File), name)); !strings.Contains(text(err), wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRetainReason: only the ConfigMap that OpenShift's Proxy names must stay.
func TestRetainReason(t *testing.T) {
	object := func(kind, namespace, name string) manifest.Object {
		return manifest.Object{"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"namespace": namespace, "name": name}}
	}
	named := object("ConfigMap", v1alpha1.OpenShiftNamespace, v1alpha1.OpenShiftName)
	if reason := RetainReason(named); !strings.HasPrefix(reason, "Proxy/cluster uses it; run oc patch proxy/cluster ") {
		t.Errorf("%s: %q", named.ID(), reason)
	}
	for _, o := range []manifest.Object{
		object("Secret", v1alpha1.OpenShiftNamespace, v1alpha1.OpenShiftName),
		object("ConfigMap", "shop", v1alpha1.OpenShiftName),
		object("ConfigMap", v1alpha1.OpenShiftNamespace, "roots"),
	} {
		if reason := RetainReason(o); reason != "" {
			t.Errorf("%s: %q, want none", o.ID(), reason)
		}
	}
}
