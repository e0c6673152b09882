package project

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

const twoEntries = `- {name: a, from: [one.pem], to: {configmap: {}, talos: {}}}
- {name: b, from: [one.pem, two.pem], to: {configmap: {}, pods: {}}}
`

func trusted(t *testing.T, target Target) []string {
	t.Helper()
	trusted, err := target.Trusted(&usage.Values{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range trusted.Locations {
		list = append(list, l.Location.String())
	}
	return append(list, trusted.NodeDirs...)
}

// TestTrusted: objects, components and files of nodes, of all entries or of one.
func TestTrusted(t *testing.T) {
	p := open(t, fillTrust(t, twoEntries, "one.pem", "two.pem"))
	all, err := p.Target()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"configmap/a:ca.crt", "configmap/b:ca.crt", "component/b", "trust/a/talos"}, trusted(t, all)); diff != "" {
		t.Errorf("of all entries (-want +got):\n%s", diff)
	}
	for name, want := range map[string][]string{
		"a": {"configmap/a:ca.crt", "trust/a/talos"},
		"b": {"configmap/b:ca.crt", "component/b"},
		"c": nil,
	} {
		one, err := p.trustEntry(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, trusted(t, one)); diff != "" {
			t.Errorf("of %s (-want +got):\n%s", name, diff)
		}
	}
}

// TestInCluster: a namespace limits components alone, and files for nodes are not
// in a cluster.
func TestInCluster(t *testing.T) {
	for name, tt := range map[string]struct {
		entries, namespace string
		want               []string
		err                string
	}{
		"all namespaces": {entries: twoEntries, want: []string{"configmap/a:ca.crt", "configmap/b:ca.crt", "component/b", "trust/a/talos"}},
		"one":            {entries: twoEntries, namespace: "shop", want: []string{"configmap/a:ca.crt", "configmap/b:ca.crt", "component/shop/b", "trust/a/talos"}},
		"nodes alone": {
			entries: "- {name: a, from: [one.pem], to: {talos: {}}}\n", want: []string{"trust/a/talos"},
			err: "no trust target in the cluster is declared",
		},
	} {
		t.Run(name, func(t *testing.T) {
			target, err := open(t, fillTrust(t, tt.entries, "one.pem", "two.pem")).Target()
			if err != nil {
				t.Fatal(err)
			}
			trusted, trustNamespace, err := target.InCluster(tt.namespace, &usage.Values{})
			if text(err) != tt.err || trustNamespace != "cert-manager" {
				t.Errorf("error %v, want %s; trust namespace %s", err, tt.err, trustNamespace)
			}
			var got []string
			for _, l := range trusted.Locations {
				got = append(got, l.Location.String())
			}
			if diff := cmp.Diff(tt.want, append(got, trusted.NodeDirs...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestEntriesOf: an entry is found in each environment that has it, with what it
// reads there.
func TestEntriesOf(t *testing.T) {
	const environments = "environments:\n- name: dev\n  trust: {a: {from: [two.pem]}}\n- name: prod\n"
	for entries, want := range map[string]string{
		twoEntries:                "default one.pem",
		twoEntries + environments: "dev two.pem, prod one.pem",
	} {
		p := open(t, fillTrust(t, entries, "one.pem", "two.pem"))
		var got []string
		for _, e := range p.entriesOf(t.Context(), "a") {
			words := []string{e.Environment}
			for _, root := range e.Roots {
				words = append(words, root.Position.Source[strings.LastIndex(root.Position.Source, "/")+1:])
			}
			got = append(got, strings.Join(slices.Compact(words), " "))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if none := p.entriesOf(t.Context(), "c"); none != nil {
			t.Errorf("an entry that is not there: %v", none)
		}
	}
	o := fillTrust(t, twoEntries+environments, "one.pem", "two.pem")
	if _, err := open(t, o).trustEntry("a"); text(err) != "certs.yaml has several environments; choose one with -e: dev, prod" {
		t.Errorf("two environments: %v", err)
	}
}
