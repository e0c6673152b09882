package rotation

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// APIVersion and Kind begin the file of a rotation.
const (
	APIVersion = "kubectl-certs.dev/v1alpha1"
	Kind       = "Rotation"
)

// Rotation is the plan to replace one CA by another. Paths are relative to the
// folder of its file.
type Rotation struct {
	Name      string
	Old, New  []string // files with the CAs
	Others    []string // files with CAs that have nothing to do with it, and complete chains
	Bundle    string   // the PEM file that what the locations hold is made from
	Locations []usage.Location
	Trust     *Entry // whose targets are locations too; nil if none is named
	// Workloads are the pods that must read the bundle.
	Workloads Workloads
	// Ignore are Secrets of which a person has found out what nobody else can tell:
	// that they do not need the old CA.
	Ignore  []usage.Ref
	Servers []string // HOST:PORT of TLS servers outside the cluster, or whose memory one does not trust
	Issuers []Issuer
}

// Entry names an entry of trust in a certs.yaml, by which the locations are made.
type Entry struct {
	File, Name  string
	Environment string // "" where the file has at most one
}

// Workloads select pods. The zero value is all of them, none of which reads
// anything again without a restart.
type Workloads struct {
	Namespaces []string // none for all
	Selector   labels.Selector
	// Reload selects pods that notice by themselves when what they read changes.
	Reload labels.Selector
}

// Selects reports whether a pod is one that must read the bundle, and anew only
// by a restart.
func (w Workloads) Selects(pod usage.Pod) bool {
	set := labels.Set(pod.Labels)
	return (w.Selector == nil || w.Selector.Matches(set)) && (w.Reload == nil || !w.Reload.Matches(set))
}

// Issuer is a CA issuer that is to sign with another Secret.
type Issuer struct {
	Ref        usage.Ref
	SecretName string
	File       string // that says so in Git; "" if nobody here knows
}

// ParseFile reads the file of a rotation. The error is a *problem.Error that holds
// every problem; name is what it calls the file. A nil budget is one for this
// file alone.
func ParseFile(budget *limits.Budget, name string, data []byte) (Rotation, error) {
	d := decoder{}
	var r Rotation
	if root := d.document(budget, data); root != nil {
		r = d.rotation(root)
	}
	if err := problem.New(name, d.problems); err != nil {
		return Rotation{}, err
	}
	return r, nil
}

func (d *decoder) rotation(root *yaml.Node) Rotation {
	var r Rotation
	d.mapping(root, "", []field{
		{"apiVersion", true, func(n *yaml.Node, at string) { d.only(n, at, APIVersion) }},
		{"kind", true, func(n *yaml.Node, at string) { d.only(n, at, Kind) }},
		{"metadata", true, func(n *yaml.Node, at string) {
			d.mapping(n, at, []field{{"name", true, func(n *yaml.Node, at string) { r.Name = d.name(n, at) }}})
		}},
		{"old", true, func(n *yaml.Node, at string) { r.Old = d.paths(n, at) }},
		{"new", true, func(n *yaml.Node, at string) { r.New = d.paths(n, at) }},
		{"others", false, func(n *yaml.Node, at string) { r.Others = d.paths(n, at) }},
		{"bundle", true, func(n *yaml.Node, at string) { r.Bundle = d.path(n, at) }},
		{"places", false, func(n *yaml.Node, at string) { r.Locations = listOf(d, n, at, d.place) }},
		{"trust", false, func(n *yaml.Node, at string) { r.Trust = d.entry(n, at) }},
		{"workloads", false, func(n *yaml.Node, at string) { r.Workloads = d.workloads(n, at) }},
		{"ignore", false, func(n *yaml.Node, at string) { r.Ignore = listOf(d, n, at, d.secret) }},
		{"servers", false, func(n *yaml.Node, at string) { r.Servers = listOf(d, n, at, d.server) }},
		{"issuers", false, func(n *yaml.Node, at string) { r.Issuers = listOf(d, n, at, d.issuer) }},
	})
	d.apart(root, r)
	if root = resolve(root); root.Kind == yaml.MappingNode && at(root, "places") == root && r.Trust == nil {
		d.bad(root, "places", "missing; or trust, which names an entry of a certs.yaml and its targets")
	}
	return r
}

func (d *decoder) entry(n *yaml.Node, where string) *Entry {
	var e Entry
	d.mapping(n, where, []field{
		{"file", true, func(n *yaml.Node, at string) { e.File = d.anyPath(n, at) }},
		{"name", true, func(n *yaml.Node, at string) { e.Name = d.name(n, at) }},
		{"environment", false, func(n *yaml.Node, at string) { e.Environment = d.name(n, at) }},
	})
	return &e
}

// apart refuses files that are named for two things.
func (d *decoder) apart(root *yaml.Node, r Rotation) {
	for i, name := range r.New {
		if slices.Contains(r.Old, name) {
			d.bad(at(root, "new"), fmt.Sprintf("new[%d]", i), "%s is among the old ones too", name)
		}
	}
	if slices.Contains(slices.Concat(r.Old, r.New), r.Bundle) && r.Bundle != "" {
		d.bad(at(root, "bundle"), "bundle", "%s is among the CAs too, and rewriting it would lose them", r.Bundle)
	}
}

func (d *decoder) workloads(n *yaml.Node, where string) Workloads {
	var w Workloads
	d.mapping(n, where, []field{
		{"namespaces", false, func(n *yaml.Node, at string) { w.Namespaces = listOf(d, n, at, d.name) }},
		{"selector", false, func(n *yaml.Node, at string) { w.Selector = d.selector(n, at) }},
		{"reload", false, func(n *yaml.Node, at string) { w.Reload = d.selector(n, at) }},
	})
	return w
}

func (d *decoder) selector(n *yaml.Node, where string) labels.Selector {
	text := d.text(n, where)
	s, err := labels.Parse(text)
	if err != nil {
		d.bad(n, where, "%q: must be a selector as kubectl -l takes it, as in app=web,tier!=batch", text)
	}
	return s
}

func (d *decoder) place(n *yaml.Node, where string) usage.Location {
	text := d.text(n, where)
	if text == "" {
		return usage.Location{}
	}
	p, err := usage.ParseLocation(text)
	switch {
	case err != nil:
		d.bad(n, where, "%v", err)
	case p.Vague():
		d.bad(n, where, "%q: must name the namespace, as in %s/shop/%s", p.String(), strings.ToLower(p.Kind), p.Name)
	}
	return p
}

// secret reads the name of a Secret, as status writes it.
func (d *decoder) secret(n *yaml.Node, where string) usage.Ref {
	text := d.text(n, where)
	p, err := usage.ParseLocation(text)
	if text != "" && (err != nil || p.Kind != "Secret" || p.Namespace == "" || p.Key != "" || p.Hashed) {
		d.bad(n, where, "%q: must be secret/NAMESPACE/NAME", text)
	}
	return usage.Ref{Kind: p.Kind, Namespace: p.Namespace, Name: p.Name}
}

func (d *decoder) server(n *yaml.Node, where string) string {
	text := d.text(n, where)
	if text != "" && !trust.IsServer(text) {
		d.bad(n, where, "%q: must be HOST:PORT of a TLS server", text)
	}
	return text
}

func (d *decoder) issuer(n *yaml.Node, where string) Issuer {
	var i Issuer
	d.mapping(n, where, []field{
		{"kind", true, func(n *yaml.Node, at string) { i.Ref.Kind = d.only(n, at, "ClusterIssuer", "Issuer") }},
		{"namespace", false, func(n *yaml.Node, at string) { i.Ref.Namespace = d.name(n, at) }},
		{"name", true, func(n *yaml.Node, at string) { i.Ref.Name = d.name(n, at) }},
		{"secretName", true, func(n *yaml.Node, at string) { i.SecretName = d.name(n, at) }},
		{"file", false, func(n *yaml.Node, at string) { i.File = d.path(n, at) }},
	})
	switch {
	case i.Ref.Kind == "Issuer" && i.Ref.Namespace == "":
		d.bad(n, where, "an Issuer needs its namespace")
	case i.Ref.Kind == "ClusterIssuer" && i.Ref.Namespace != "":
		d.bad(n, where, "a ClusterIssuer has no namespace")
	}
	return i
}

func (d *decoder) paths(n *yaml.Node, where string) []string { return listOf(d, n, where, d.path) }

// anyPath reads the path of a file that is only read.
func (d *decoder) anyPath(n *yaml.Node, where string) string {
	text := d.text(n, where)
	if path.IsAbs(text) || strings.Contains(text, `\`) {
		d.bad(n, where, "%q: must be a path as seen from the folder of this file, with /", text)
	}
	return path.Clean(text)
}

// path reads the path of a file below that of the rotation.
func (d *decoder) path(n *yaml.Node, where string) string {
	text := d.text(n, where)
	clean := path.Clean(text)
	if text != "" && (path.IsAbs(text) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(text, `\`)) {
		d.bad(n, where, "%q: must be a path below the folder of this file, with /", text)
	}
	return clean
}
