package diff

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// withTree compares the overlays as they are with what generate --force would
// leave.
func (o *Options) withTree(ctx context.Context) (comparison, error) {
	p, err := o.Open(ctx)
	if err != nil {
		return comparison{}, err
	}
	tree, err := p.Tree()
	if err != nil {
		return comparison{}, err
	}
	update, err := tree.Update(true)
	if err != nil {
		return comparison{}, err
	}
	c := comparison{edited: tree.HandEdited(update), folders: project.ChangedFolders(update)}
	c.old, c.new, err = tree.Sides(ctx, update)
	return c, err
}

// operands compares the two operands.
func (o *Options) operands(ctx context.Context) (comparison, error) {
	r := &source.Reader{In: o.IO.In, Budget: o.Limits, Progress: o.IO.Progressing}
	defer r.Close()
	old, oldErr := readOperand(ctx, r, o.Operands[0], o.Operands[1])
	new, newErr := readOperand(ctx, r, o.Operands[1], o.Operands[0])
	if err := problem.Join(oldErr, newErr); err != nil {
		return comparison{}, err
	}
	if len(old) == 1 && len(new) == 1 { // two things of other names are still to be compared
		old[0].Label, new[0].Label = "", ""
	}
	return comparison{old: old, new: new}, nil
}

// readOperand reads an operand that is compared with another.
func readOperand(ctx context.Context, r *source.Reader, operand, other string) ([]diff.Overlay, error) {
	found, err := r.Overlays(ctx, operand)
	overlays := make([]diff.Overlay, len(found))
	for i, overlay := range found {
		overlays[i] = diff.Overlay(overlay)
	}
	if e, ok := errors.AsType[*source.NotManifestError](err); ok && e.Kind == v1alpha1.Kind {
		err = hint.With(err, certsHint(operand, other))
	}
	return overlays, err
}

// certsHint says how to compare a certs.yaml, which was to be compared with another
// operand.
func certsHint(operand, other string) string {
	if !project.IsCerts(operand) && operand != source.Stdin {
		return "compare what is generated from it, such as kubectl certs diff git:HEAD~1:overlays/prod overlays/prod"
	}
	words := []string{"-f", operand}
	doc, err := project.Parse(project.Options{File: operand, Named: true})
	if environment := filepath.Base(other); err == nil && slices.Contains(project.EnvironmentNames(doc), environment) {
		words = append(words, "-e", environment)
	}
	return "kubectl certs diff " + shell.Join(words) + " compares it with its tree"
}

// withCluster compares the objects in the cluster as they are with what applying
// would leave. Fields that others own are reported, for apply would not take them
// over.
func (o *Options) withCluster(ctx context.Context) (comparison, error) {
	target, err := o.Load(ctx)
	if err != nil {
		return comparison{}, err
	}
	client, err := o.Kube()
	if err != nil {
		return comparison{}, err
	}
	var prune *apply.Pruning
	if o.Target.Prune {
		prune = &apply.Pruning{Set: target.Set, Retain: project.RetainReason, Certificates: o.Target.PruneCertificates}
	}
	done := o.IO.Progressing("reading the cluster")
	preview, err := apply.New(client).PreviewSet(ctx, target.Objects, prune)
	done()
	for _, m := range preview.Missing {
		o.IO.Messagef("note: %s", m)
	}
	for _, r := range preview.Retained {
		o.IO.Messagef("note: %s", r)
	}
	if err != nil {
		return comparison{}, err
	}
	for _, conflict := range preview.Conflicts {
		for _, field := range conflict.Fields {
			o.IO.Messagef("note: %s: %s", conflict.ID, field)
		}
	}
	return comparison{
		old: []diff.Overlay{{Objects: preview.Live}},
		new: []diff.Overlay{{Objects: preview.After}},
	}, nil
}
