package project

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// TestAddTargets: the targets of an entry become locations, if the entry reads
// the bundle of the rotation.
func TestAddTargets(t *testing.T) {
	const (
		good         = "- {name: a, from: [one.pem], to: {configmap: {}, talos: {}}}\n"
		environments = good + "environments:\n- name: dev\n- name: prod\n"
	)
	for name, tt := range map[string]struct {
		entries   string
		entry     *rotation.Entry
		bundle    string
		locations []string
		warnings  []string
		err       string
	}{
		"no entry":         {entries: good, bundle: "one.pem"},
		"targets":          {entries: good, entry: &rotation.Entry{File: "certs.yaml", Name: "a"}, bundle: "one.pem", locations: []string{"configmap/*/a:ca.crt", "trust/a/talos"}},
		"no file":          {entries: good, entry: &rotation.Entry{File: "none.yaml", Name: "a"}, bundle: "one.pem", err: "rotation.yaml: trust.file: none.yaml: no such file"},
		"no bundle":        {entries: good, entry: &rotation.Entry{File: "certs.yaml", Name: "a"}, bundle: "three.pem", err: "three.pem: no certificates yet, and trust a is generated from it"},
		"other entry":      {entries: good, entry: &rotation.Entry{File: "certs.yaml", Name: "b"}, bundle: "one.pem", err: "certs.yaml: no trust named b, but rotation.yaml refers to it"},
		"not read":         {entries: good, entry: &rotation.Entry{File: "certs.yaml", Name: "a"}, bundle: "new.pem", err: "certs.yaml: trust a also has CN=Corp Root A from one.pem, but the rotation removes it from new.pem only\ncerts.yaml: trust a does not read new.pem; list the file under from"},
		"an environment":   {entries: environments, entry: &rotation.Entry{File: "certs.yaml", Name: "a", Environment: "prod"}, bundle: "one.pem", locations: []string{"configmap/*/a:ca.crt", "trust/a/talos"}, warnings: []string{"environment dev also trusts one.pem; check its cluster before you remove a CA"}},
		"two environments": {entries: environments, entry: &rotation.Entry{File: "certs.yaml", Name: "a"}, bundle: "one.pem", err: "rotation.yaml: trust.environment: required, because certs.yaml has 2 environments"},
		"nodes alone":      {entries: "- {name: a, from: [one.pem], to: {talos: {}}}\n", entry: &rotation.Entry{File: "certs.yaml", Name: "a"}, bundle: "one.pem", locations: []string{"trust/a/talos"}, err: "certs.yaml: trust a has no target in the cluster, so whether the new CA is distributed cannot be checked"},
	} {
		t.Run(name, func(t *testing.T) {
			o := fillTrust(t, tt.entries, "one.pem")
			write(t, filepath.Join(filepath.Dir(o.File), "new.pem"), string(catest.PEM(catest.Root("New Root"))))
			r := rotation.Rotation{Old: []string{"one.pem"}, New: []string{"new.pem"}, Bundle: tt.bundle, Trust: tt.entry}
			plan, err := rotator.Load(t.Context(), source.Reader{}, filepath.Join(filepath.Dir(o.File), "rotation.yaml"), r, o.Now)
			if err != nil {
				t.Fatal(err)
			}
			added, err := AddTargets(t.Context(), Options{Now: o.Now}, plan, nil)
			if got := relative(o, text(err)); got != tt.err {
				t.Errorf("error %q, want %q", got, tt.err)
			}
			var locations []string
			for _, l := range plan.Rotation.Locations {
				locations = append(locations, l.String())
			}
			if diff := cmp.Diff(tt.locations, append(locations, added.NodeDirs...)); diff != "" {
				t.Errorf("locations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, added.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}
