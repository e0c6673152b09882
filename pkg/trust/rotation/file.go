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

// Rotation is the plan to replace one CA with another. Paths are relative to the
// folder of its file.
type Rotation struct {
	Name      string
	Old, New  []string // files with the CAs
	Others    []string // files with unrelated CAs that complete chains
	Bundle    string   // the PEM file that the locations are generated from
	Locations []usage.Location
	Trust     *Entry // its targets are also locations; may be nil
	// Workloads are the pods that must read the bundle.
	Workloads Workloads
	// Ignore are Secrets that do not need the old CA, by the user's word, though
	// it cannot be computed.
	Ignore  []usage.Ref
	Servers []string // HOST:PORT of TLS servers to check by connecting
	Issuers []Issuer
}

// Entry names an entry of trust in a certs.yaml that generates the locations.
type Entry struct {
	File, Name  string
	Environment string // "" where the file has at most one
}

// Workloads selects pods. The zero value selects all pods, each of which needs a
// restart to read a change.
type Workloads struct {
	Namespaces []string // none for all
	Selector   labels.Selector
	// Reload selects pods that reload changed files without a restart.
	Reload labels.Selector
}

// Selects reports whether a pod must read the bundle and needs a restart to read
// a change.
func (w Workloads) Selects(pod usage.Pod) bool {
	set := labels.Set(pod.Labels)
	return (w.Selector == nil || w.Selector.Matches(set)) && (w.Reload == nil || !w.Reload.Matches(set))
}

// Issuer is a CA issuer and the Secret that it must sign with.
type Issuer struct {
	Ref        usage.Ref
	SecretName string
	File       string // its manifest or certs.yaml; "" if unknown
}

// ParseFile parses the file of a rotation. The error is a *problem.Error with all
// problems, and name is the file's name in it. A nil budget is a new one for this
// file.
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
		Locations: f.Locations, Ignore: f.Ignore, Servers: texts(f.Servers),
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

// check reports files with two purposes, and a rotation without locations.
func check(d *strictyaml.Decoder, root *yaml.Node, r Rotation) {
	var top *strictyaml.Path
	for i, name := range r.New {
		if slices.Contains(r.Old, name) {
			d.Bad(yamlnode.Own(root, "new"), top.At("new").Item(i), "%s is also in old", name)
		}
	}
	if slices.Contains(slices.Concat(r.Old, r.New), r.Bundle) && r.Bundle != "" {
		d.Bad(yamlnode.Own(root, "bundle"), top.At("bundle"), "%s is also in old or new, and rewriting it would lose those CAs", r.Bundle)
	}
	if root.Kind == yaml.MappingNode && yamlnode.Own(root, "locations") == nil && r.Trust == nil {
		d.Bad(root, top.At("locations"), "missing; set locations, or trust to use the targets of an entry of certs.yaml")
	}
}
