package rotation

import (
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
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
	root, bad := document(budget, data)
	if bad != nil {
		return Rotation{}, problem.New(name, []problem.Problem{*bad})
	}
	d := format.NewDecoder(strictyaml.BudgetFor(data))
	var f file
	d.Decode(root, nil, reflect.ValueOf(&f).Elem())
	r := f.rotation()
	check(d, yamlnode.Resolve(root), r)
	if err := d.Err(name); err != nil {
		return Rotation{}, err
	}
	return r, nil
}

func (f file) rotation() Rotation {
	r := Rotation{
		Name: string(f.Metadata.Name), Old: texts(f.Old), New: texts(f.New), Others: texts(f.Others), Bundle: string(f.Bundle),
		Locations: f.Places, Ignore: f.Ignore, Servers: texts(f.Servers),
		Workloads: Workloads{Namespaces: texts(f.Workloads.Namespaces), Selector: f.Workloads.Selector, Reload: f.Workloads.Reload},
	}
	if e := f.Trust; e != nil {
		r.Trust = &Entry{File: string(e.File), Name: string(e.Name), Environment: string(e.Environment)}
	}
	for _, i := range f.Issuers {
		r.Issuers = append(r.Issuers, Issuer{
			Ref:        usage.Ref{Kind: string(i.Kind), Namespace: string(i.Namespace), Name: string(i.Name)},
			SecretName: string(i.SecretName), File: string(i.File),
		})
	}
	return r
}

func texts[T ~string](list []T) []string {
	var all []string
	for _, t := range list {
		all = append(all, string(t))
	}
	return all
}

// check refuses files that are named for two things, and a rotation without
// locations.
func check(d *strictyaml.Decoder, root *yaml.Node, r Rotation) {
	var top *strictyaml.Path
	for i, name := range r.New {
		if slices.Contains(r.Old, name) {
			d.Bad(yamlnode.Own(root, "new"), top.At("new").Item(i), "%s is among the old ones too", name)
		}
	}
	if slices.Contains(slices.Concat(r.Old, r.New), r.Bundle) && r.Bundle != "" {
		d.Bad(yamlnode.Own(root, "bundle"), top.At("bundle"), "%s is among the CAs too, and rewriting it would lose them", r.Bundle)
	}
	if root.Kind == yaml.MappingNode && yamlnode.Own(root, "places") == nil && r.Trust == nil {
		d.Bad(root, top.At("places"), "missing; or trust, which names an entry of a certs.yaml and its targets")
	}
}
