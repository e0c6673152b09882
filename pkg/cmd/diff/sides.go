package diff

import (
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
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
	old, oldErr := readOperand(ctx, r, o.Operands[0])
	new, newErr := readOperand(ctx, r, o.Operands[1])
	if err := problem.Join(oldErr, newErr); err != nil {
		return comparison{}, err
	}
	if len(old) == 1 && len(new) == 1 { // two things of other names are still to be compared
		old[0].Label, new[0].Label = "", ""
	}
	return comparison{old: old, new: new}, nil
}

func readOperand(ctx context.Context, r *source.Reader, operand string) ([]diff.Overlay, error) {
	found, err := r.Overlays(ctx, operand)
	overlays := make([]diff.Overlay, len(found))
	for i, overlay := range found {
		overlays[i] = diff.Overlay(overlay)
	}
	return overlays, err
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
