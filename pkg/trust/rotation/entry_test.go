package rotation

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func entries(source string, certs ...any) []cabundle.Entry {
	var found []cabundle.Entry
	for _, c := range list(certs...) {
		found = append(found, cabundle.Entry{Cert: c, Position: finding.Position{Source: source}})
	}
	return found
}

func errorTexts(errs []error) []string {
	var texts []string
	for _, err := range errs {
		texts = append(texts, err.Error())
	}
	return texts
}

func TestCheckEntry(t *testing.T) {
	r := Rotation{Bundle: "roots.pem", Trust: &Entry{Name: "corp"}}
	inBundle := entries("roots.pem", oldRoot)
	for name, tt := range map[string]struct {
		entries         []EntryIn
		warnings, wrong []string
	}{
		"correct":  {entries: []EntryIn{{"prod", inBundle, nil}}},
		"no entry": {wrong: []string{"certs.yaml: no trust named corp, but rotation.yaml refers to it"}},
		"in another environment only": {
			entries:  []EntryIn{{"dev", inBundle, nil}},
			warnings: []string{"environment dev also trusts roots.pem; check its cluster before you remove a CA"},
			wrong:    []string{"certs.yaml: no trust named corp, but rotation.yaml refers to it"},
		},
		"another environment reads other files": {entries: []EntryIn{{"dev", entries("dev.pem", oldRoot), []string{"x"}}, {"prod", inBundle, nil}}},
		"not from the bundle": {
			entries: []EntryIn{{"prod", entries("other.pem", other), nil}},
			wrong:   []string{"certs.yaml: trust corp does not read roots.pem; list the file under from"},
		},
		"the old one also from another file": {
			entries: []EntryIn{{"prod", append(entries("more.pem", oldRoot, other), inBundle...), nil}},
			wrong:   []string{"certs.yaml: trust corp also has CN=Old Root from more.pem, but the rotation removes it from roots.pem only"},
		},
		"from issuers": {
			entries:  []EntryIn{{"prod", inBundle, []string{"a", "b"}}},
			warnings: []string{"trust corp also has the roots of a, b (fromIssuers), which a rotation cannot remove"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			warnings, err := r.CheckEntry(EntryCheck{
				File: "rotation.yaml", CertsFile: "certs.yaml", Environment: "prod", Old: list(oldRoot),
				IsBundle: func(source string) bool { return source == "roots.pem" },
			}, tt.entries)
			var wrong []string
			if err != nil {
				wrong = errorTexts(problem.Split(err))
			}
			if diff := cmp.Diff([][]string{tt.warnings, tt.wrong}, [][]string{warnings, wrong}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddTargets(t *testing.T) {
	targets := []usage.Location{
		{Kind: "ConfigMap", Name: "roots"}, {Kind: "ConfigMap", Namespace: "shop", Name: "roots"},
		{Kind: "ClusterTrustBundle", Name: "corp"}, {Kind: usage.Component, Name: "corp"},
	}
	for name, tt := range map[string]struct {
		namespaces []string
		want       []string
	}{
		"all namespaces": {nil, []string{"partners", "configmap/*/roots", "configmap/shop/roots", "clustertrustbundle/corp", "component/corp"}},
		"some":           {[]string{"shop", "blog"}, []string{"partners", "configmap/*/roots", "configmap/shop/roots", "clustertrustbundle/corp", "component/shop/corp", "component/blog/corp"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := Rotation{Locations: []usage.Location{{Name: "partners"}}, Workloads: Workloads{Namespaces: tt.namespaces}}
			r.AddTargets(targets)
			var got []string
			for _, l := range r.Locations {
				got = append(got, l.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckLocations(t *testing.T) {
	r := Rotation{Trust: &Entry{Name: "corp"}}
	want := "certs.yaml: trust corp has no target in the cluster, so whether the new CA is distributed cannot be checked"
	if err := r.CheckLocations("certs.yaml"); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	r.AddTargets([]usage.Location{{Name: "x"}})
	if err := r.CheckLocations("certs.yaml"); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestCheckNew(t *testing.T) {
	expired := newRoot.Renewed()
	for name, tt := range map[string]struct {
		old, fresh []cabundle.Entry
		now        int
		want       []string
	}{
		"two roots":         {entries("old.pem", oldRoot), entries("new.pem", newRoot), 2026, nil},
		"the same":          {entries("old.pem", oldRoot), entries("new.pem", newRoot, oldRoot), 2026, []string{"new.pem: CN=Old Root is also an old CA"}},
		"expired by then":   {entries("old.pem", oldRoot), entries("new.pem", newRoot), 2037, []string{"new: new.pem: error T0"}},
		"renewed meanwhile": {entries("old.pem", oldRoot), entries("new.pem", expired), 2037, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := errorTexts(CheckNew(tt.old, tt.fresh, date(tt.now, 1, 1)))
			for i := range got {
				if i < len(tt.want) && len(got[i]) > len(tt.want[i]) {
					got[i] = got[i][:len(tt.want[i])]
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
