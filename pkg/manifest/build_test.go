package manifest_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// archives are the golden trees: a certs.yaml and every file of its tree.
func archives(t *testing.T) map[string]map[string][]byte {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("..", "..", "testdata", "overlay", "*.txtar"))
	if err != nil || len(found) < 20 {
		t.Fatalf("%d golden trees, %v", len(found), err)
	}
	all := map[string]map[string][]byte{}
	for _, file := range found {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range archive.Files {
			files[f.Name] = f.Data
		}
		all[strings.TrimSuffix(filepath.Base(file), ".txtar")] = files
	}
	return all
}

// planned plans the base of a golden tree.
func planned(t *testing.T, files map[string][]byte) plan.Plan {
	t.Helper()
	doc, err := config.Parse(nil, "certs.yaml", files["certs.yaml"])
	if err != nil {
		t.Fatal(err)
	}
	roots := plan.Roots{}
	for _, entry := range doc.Base.Trust {
		var all []cabundle.Entry
		for _, name := range entry.From {
			data, there := files[name]
			if !there {
				if data, err = os.ReadFile(filepath.Join("..", "..", "testdata", "trust", name)); err != nil {
					t.Fatal(err)
				}
			}
			b, err := cabundle.Read(name, data)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b.Entries...)
		}
		roots[entry.Name] = cabundle.Normalise(all)
	}
	return plan.New(doc.Base, roots)
}

// TestBuild holds the objects of every plan to those in the golden tree.
func TestBuild(t *testing.T) {
	for name, files := range archives(t) {
		t.Run(name, func(t *testing.T) {
			want := map[string]manifest.Object{}
			for file, data := range files {
				dir, base := path.Split(file)
				if !strings.HasPrefix(dir, "base/") || strings.HasSuffix(dir, "/pods/") || path.Ext(base) != ".yaml" || base == "kustomization.yaml" {
					continue
				}
				objects, _, err := manifest.DecodeSome(nil, data) // configuration of kustomize is not an object
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range objects {
					want[o.ID().String()] = o
				}
			}
			for _, b := range manifest.Build(planned(t, files)) {
				id := b.ID().String()
				if diff := cmp.Diff(want[id], b.Object); diff != "" {
					t.Errorf("%s (-want +got):\n%s", id, diff)
				}
				if b.Note == "" {
					t.Errorf("%s has no note", id)
				}
				delete(want, id)
			}
			for id := range want {
				t.Errorf("%s is not built", id)
			}
		})
	}
}

// TestBuildReadsBack: the needs read from the objects are those of the plan.
func TestBuildReadsBack(t *testing.T) {
	for name, files := range archives(t) {
		t.Run(name, func(t *testing.T) {
			p := planned(t, files)
			var objects []manifest.Object
			for _, b := range manifest.Build(p) {
				objects = append(objects, b.Object)
			}
			got, err := manifest.Needs(decode(t, string(manifest.Join(objects))))
			if err != nil {
				t.Fatal(err)
			}
			byObject := cmpopts.SortSlices(func(a, b plan.Need) bool { return key(a) < key(b) })
			profile := cmpopts.IgnoreFields(plan.Need{}, "Profile", "Labels") // which the issuer and the solver have
			if diff := cmp.Diff(p.Needs, got, byObject, profile, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}

func key(n plan.Need) string {
	return n.By.Kind + n.By.Namespace + n.By.Name + n.Certificate.SecretName
}

// TestReferences has how an object asks for an issuer, by its kind and group.
func TestReferences(t *testing.T) {
	doc, err := config.Parse(nil, "certs.yaml", []byte(`
apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
issuers:
- {name: wide, existing: true}
- {name: near, existing: true, kind: Issuer, namespace: a}
- {name: pca, existing: true, kind: ClusterIssuer, group: awspca.example.com}
- {name: step, existing: true, kind: StepIssuer, namespace: a, group: certmanager.step.sm}
expose:
- {name: wide, namespace: a, className: traefik, issuer: wide, host: a.example.com, duration: 2160h, renewBefore: 90m, routes: &r [{path: /, service: s, port: 80}]}
- {name: near, namespace: a, className: traefik, issuer: near, host: b.example.com, duration: 90m30s, privateKey: {algorithm: ECDSA, size: 384}, routes: *r}
- {name: pca, namespace: a, className: traefik, issuer: pca, host: c.example.com, revisionHistoryLimit: 3, routes: *r}
- {name: step, namespace: a, className: traefik, issuer: step, host: d.example.com, commonName: d.example.com, routes: *r}
- {name: wide-vs, namespace: a, as: VirtualServer, issuer: wide, host: e.example.com, routes: *r}
- {name: near-vs, namespace: a, as: VirtualServer, issuer: near, host: f.example.com, commonName: f.example.com, routes: *r}
- {name: pca-vs, namespace: a, as: VirtualServer, issuer: pca, host: g.example.com, redirect: true, routes: *r}
- {name: step-vs, namespace: a, as: VirtualServer, issuer: step, host: h.example.com, routes: *r}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, b := range manifest.Build(plan.New(doc.Base, nil)) {
		switch b.Kind() {
		case "Ingress":
			got[b.Name()] = b.Map("metadata", "annotations")
		case "VirtualServer":
			got[b.Name()] = b.Map("spec", "tls", "cert-manager")
		}
	}
	want := map[string]any{
		"wide": map[string]any{"cert-manager.io/cluster-issuer": "wide", "cert-manager.io/duration": "2160h", "cert-manager.io/renew-before": "1h30m"},
		"near": map[string]any{
			"cert-manager.io/issuer": "near", "cert-manager.io/duration": "1h30m30s",
			"cert-manager.io/private-key-algorithm": "ECDSA", "cert-manager.io/private-key-size": "384",
		},
		"pca": map[string]any{
			"cert-manager.io/issuer": "pca", "cert-manager.io/issuer-kind": "ClusterIssuer", "cert-manager.io/issuer-group": "awspca.example.com",
			"cert-manager.io/revision-history-limit": "3",
		},
		"step": map[string]any{
			"cert-manager.io/issuer": "step", "cert-manager.io/issuer-kind": "StepIssuer", "cert-manager.io/issuer-group": "certmanager.step.sm",
			"cert-manager.io/common-name": "d.example.com",
		},
		"wide-vs": map[string]any{"cluster-issuer": "wide"},
		"near-vs": map[string]any{"issuer": "near", "common-name": "f.example.com"},
		"pca-vs":  map[string]any{"issuer": "pca", "issuer-kind": "ClusterIssuer", "issuer-group": "awspca.example.com"},
		"step-vs": map[string]any{"issuer": "step", "issuer-kind": "StepIssuer", "issuer-group": "certmanager.step.sm"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDNSEndpoint has one endpoint for each name, with all its values.
func TestDNSEndpoint(t *testing.T) {
	p := plan.Plan{Endpoints: []plan.Endpoint{{
		Object:  plan.Object{Namespace: "a", Name: "x"},
		Records: []plan.Record{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "3"}},
	}}}
	want := map[string]any{"endpoints": []any{
		map[string]any{"dnsName": "a", "recordType": "TXT", "targets": []any{`"1"`, `"2"`}},
		map[string]any{"dnsName": "b", "recordType": "TXT", "targets": []any{`"3"`}},
	}}
	if diff := cmp.Diff(want, manifest.Build(p)[0].Map("spec")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
