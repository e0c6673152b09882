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

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
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
	doc, err := spec.Parse("certs.yaml", files["certs.yaml"])
	if err != nil {
		t.Fatal(err)
	}
	roots := plan.Roots{}
	for _, entry := range doc.Base.Trust {
		var all []trust.Entry
		for _, name := range entry.From {
			data, there := files[name]
			if !there {
				if data, err = os.ReadFile(filepath.Join("..", "..", "testdata", "trust", name)); err != nil {
					t.Fatal(err)
				}
			}
			b, err := trust.Read(name, data)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b.Entries...)
		}
		roots[entry.Name] = trust.Normalise(all)
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
				objects, _, err := manifest.DecodeSome(nil, data) // configuration of kustomize is none
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

// TestBuildReadsBack: what is read from the objects is what the plan asked for.
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
