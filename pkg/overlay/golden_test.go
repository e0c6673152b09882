package overlay_test

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

var update = flag.Bool("update", false, "rewrite the golden trees")

const (
	specFile   = "certs.yaml"
	byHandFile = "by-hand.yaml" // what the walk-through applies by hand
	rootsDir   = "ca/"          // what trust reads
)

// isInput reports whether a file of an archive is not part of the tree.
func isInput(name string) bool {
	return name == specFile || name == byHandFile || strings.HasPrefix(name, rootsDir)
}

// goldenCases are the archives of testdata: a certs.yaml and its whole tree.
func goldenCases(t testing.TB) []string {
	t.Helper()
	var cases []string
	for _, dir := range []string{"cafe", "overlay"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "testdata", dir, "*.txtar"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no golden cases in testdata/%s: %v", dir, err)
		}
		cases = append(cases, found...)
	}
	return cases
}

func readArchive(t testing.TB, file string) (*txtar.Archive, map[string][]byte) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range archive.Files {
		files[f.Name] = f.Data
	}
	return archive, files
}

// planned is a certs.yaml all the way to its tree.
type planned struct {
	doc          config.Document
	base         overlay.Content
	environments []overlay.Environment
	tree         overlay.Tree
	generated    overlay.Generated
}

func planSpec(t testing.TB, data []byte) planned {
	t.Helper()
	return planFiles(t, map[string][]byte{specFile: data})
}

// planFiles plans the certs.yaml among some files, and finds what its trust
// names among them too, or in testdata/trust.
func planFiles(t testing.TB, files map[string][]byte) planned {
	t.Helper()
	doc, err := config.Parse(nil, specFile, files[specFile])
	if err != nil {
		t.Fatal(err)
	}
	p := planned{doc: doc, base: content(plan.New(doc.Base, rootsOf(t, doc.Base, files)))}
	for _, e := range doc.Environments {
		p.environments = append(p.environments, overlay.Environment{Name: e.Name, Content: content(plan.New(e.Certs, rootsOf(t, e.Certs, files)))})
	}
	p.generated = overlay.New(doc.Base.Metadata.Name, p.base, p.environments)
	u, err := overlay.Plan(overlay.Tree{}, p.generated, false)
	if err != nil {
		t.Fatal(err)
	}
	p.tree = u.Writes
	if len(p.environments) == 0 {
		p.environments = []overlay.Environment{{Name: "default", Content: p.base}}
	}
	return p
}

func content(p plan.Plan) overlay.Content {
	return overlay.Content{Objects: manifest.Build(p), Folders: nodetrust.Folders(p)}
}

// rootsOf reads the certificates of a file's trust.
func rootsOf(t testing.TB, certs v1alpha1.Certs, files map[string][]byte) plan.Roots {
	t.Helper()
	roots := plan.Roots{}
	for _, entry := range certs.Trust {
		var all []cabundle.Entry
		for _, name := range entry.From {
			data, there := files[name]
			if !there {
				var err error
				if data, err = os.ReadFile(filepath.Join("..", "..", "testdata", "trust", name)); err != nil {
					t.Fatal(err)
				}
			}
			bundle, err := cabundle.Read(name, data)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, bundle.Entries...)
		}
		roots[entry.Name] = cabundle.Normalise(all)
	}
	return roots
}

func TestGolden(t *testing.T) {
	for _, file := range goldenCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, files := readArchive(t, file)
			got := planFiles(t, files).tree
			if *update {
				rewrite(t, file, archive, got)
				return
			}
			want := overlay.Tree{}
			for name, data := range files {
				if !isInput(name) {
					want[name] = data
				}
			}
			if diff := cmp.Diff(text(want), text(got)); diff != "" {
				t.Errorf("tree differs; if it should, run make golden (-want +got):\n%s", diff)
			}
		})
	}
}

func rewrite(t *testing.T, file string, archive *txtar.Archive, tree overlay.Tree) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return !isInput(f.Name) })
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: tree[name]})
	}
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func text(tree overlay.Tree) map[string]string {
	m := map[string]string{}
	for name, data := range tree {
		m[name] = string(data)
	}
	return m
}

// TestGoldenBuilds holds the two ways to build a tree, ours and kustomize's,
// to the planned objects.
func TestGoldenBuilds(t *testing.T) {
	for _, file := range goldenCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			_, files := readArchive(t, file)
			checkBuilds(t, planFiles(t, files))
		})
	}
}

func checkBuilds(t *testing.T, p planned) {
	t.Helper()
	fsys := mapFS(p.tree)
	for _, e := range p.environments {
		dir := path.Join(overlay.OverlaysDir, e.Name)
		want := map[string]manifest.Object{}
		for _, o := range e.Objects {
			want[o.ID().String()] = o.Object
		}
		var simple overlay.Builder
		built, err := simple.Build(fsys, dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, objectMap(t, built)); diff != "" {
			t.Errorf("%s built by us (-want +got):\n%s", dir, diff)
		}
		built, err = overlay.Kustomize(fsys, dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, objectMap(t, built)); diff != "" {
			t.Errorf("%s built by kustomize (-want +got):\n%s", dir, diff)
		}
	}
}

func mapFS(tree overlay.Tree) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, data := range tree {
		fsys[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	return fsys
}

func objectMap(t *testing.T, objects []manifest.Object) map[string]manifest.Object {
	t.Helper()
	m := map[string]manifest.Object{}
	for _, o := range objects {
		if _, twice := m[o.ID().String()]; twice {
			t.Errorf("duplicate %s", o.ID())
		}
		m[o.ID().String()] = o
	}
	return m
}

// TestGoldenNeeds is the law of the product: what is read back from the
// objects is what the plan wanted, needs and issuers and permanent routes.
func TestGoldenNeeds(t *testing.T) {
	for _, file := range goldenCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			_, files := readArchive(t, file)
			checkNeeds(t, planFiles(t, files).doc)
		})
	}
}

func checkNeeds(t *testing.T, doc config.Document) {
	t.Helper()
	all := append([]config.Environment{{Name: "base", Certs: doc.Base}}, doc.Environments...)
	for _, e := range all {
		p := plan.New(e.Certs, nil)
		var objects []manifest.Object
		for _, b := range manifest.Build(p) {
			objects = append(objects, b.Object)
		}
		// Through bytes, as a cluster or a file would give them back.
		decoded, err := manifest.Decode(manifest.Join(objects))
		if err != nil {
			t.Fatal(err)
		}
		got, err := manifest.Needs(decoded)
		if err != nil {
			t.Fatal(err)
		}
		bySource := cmpopts.SortSlices(func(a, b plan.Need) bool { return sourceOf(a) < sourceOf(b) })
		if diff := cmp.Diff(p.Needs, got, bySource, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("needs of %s (-planned +read back):\n%s", e.Name, diff)
		}
		checkIssuers(t, p, decoded)
		checkStatic(t, e.Certs, decoded)
	}
}

func checkIssuers(t *testing.T, p plan.Plan, objects []manifest.Object) {
	t.Helper()
	issuers, err := manifest.Issuers(objects)
	if err != nil {
		t.Error(err)
	}
	want, got := map[string]any{}, map[string]any{}
	for _, i := range p.Issuers {
		want[string(i.Kind)+"/"+i.Namespace+"/"+i.Name] = i.Solvers
	}
	for _, i := range issuers {
		var solvers []cmacme.ACMEChallengeSolver
		if i.Spec.ACME != nil {
			solvers = i.Spec.ACME.Solvers
		}
		got[i.Kind+"/"+i.Namespace+"/"+i.Name] = solvers
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("issuers (-planned +read back):\n%s", diff)
	}
}

func checkStatic(t *testing.T, certs v1alpha1.Certs, objects []manifest.Object) {
	t.Helper()
	index, want := resolve.NewIndex(&certs), map[string]bool{}
	for i := range certs.Expose {
		for _, host := range index.StaticHosts(&certs.Expose[i]) {
			want[certs.Expose[i].Hosts[host]] = true
		}
	}
	if diff := cmp.Diff(want, manifest.StaticHosts(objects)); diff != "" {
		t.Errorf("hosts with a permanent route (-wanted +read back):\n%s", diff)
	}
}

func sourceOf(n plan.Need) string {
	return strings.Join([]string{n.By.Kind, n.By.Namespace, n.By.Name, n.Certificate.SecretName}, "/")
}

// TestSameAsWalkthrough compares the objects with what the walk-through applies by hand.
func TestSameAsWalkthrough(t *testing.T) {
	checked := 0
	for _, file := range goldenCases(t) {
		_, files := readArchive(t, file)
		if files[byHandFile] == nil {
			continue
		}
		checked++
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			byHand, err := manifest.Decode(files[byHandFile])
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]manifest.Object{}
			for _, o := range planFiles(t, files).base.Objects {
				got[o.ID().String()] = o.Object
			}
			if diff := cmp.Diff(objectMap(t, byHand), got); diff != "" {
				t.Errorf("differs from what is applied by hand (-by hand +generated):\n%s", diff)
			}
		})
	}
	if checked < 4 {
		t.Errorf("%d cases have a %s, want at least the four of the walk-through", checked, byHandFile)
	}
}

// TestGenerateTwice generates onto its own outcome.
func TestGenerateTwice(t *testing.T) {
	for _, file := range goldenCases(t) {
		_, files := readArchive(t, file)
		p := planFiles(t, files)
		again, err := overlay.Plan(p.tree, p.generated, false)
		if err != nil || again.Dirty() || len(again.Kept()) > 0 {
			t.Errorf("%s: a second run would write %v, delete %v, keep %v: %v", file, slices.Sorted(maps.Keys(again.Writes)), again.Deletes, again.Kept(), err)
		}
	}
}

// TestShippedExample is golden case zero: kustomize/, which people copy.
func TestShippedExample(t *testing.T) {
	root := filepath.Join("..", "..", "kustomize")
	data, err := os.ReadFile(filepath.Join(root, specFile))
	if err != nil {
		t.Fatal(err)
	}
	p := planSpec(t, data)
	have := overlay.Tree{}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "cafe" || strings.HasPrefix(d.Name(), "runner")) { // not generated from certs.yaml
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || d.Name() == specFile {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		have[filepath.ToSlash(relative)], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(p.tree), text(have)); diff != "" {
		t.Errorf("kustomize/ is out of date, run make golden (-want +got):\n%s", diff)
	}
	checkBuilds(t, p)
	checkNeeds(t, p.doc)
}
