package diff

import (
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
)

// comparison is what is compared, and what the objects of it do not show.
type comparison struct {
	old, new []diff.Overlay
	edited   []string // files that generate keeps, since they were edited by hand
	folders  []string // of files without objects that would change
}

// Run compares two operands, the tree with certs.yaml, or the cluster with what
// applying would make of it.
func Run(ctx context.Context, o *Options) error {
	c, err := o.compare(ctx)
	if err != nil {
		return err
	}
	changes, err := diff.Overlays(c.old, c.new)
	if err != nil {
		return err
	}
	if err := printChanges(o, changes); err != nil {
		return err
	}
	for _, dir := range c.folders {
		o.IO.Messagef("note: other files in %s would change too; generate --dry-run lists them", dir)
	}
	if len(changes) == 0 && len(c.folders) == 0 {
		if o.Output.IsText() {
			o.IO.Messagef("no differences")
		}
		return nil
	}
	if o.Output.IsText() && len(changes) > 0 {
		o.IO.Messagef("%s", diff.Count(changes))
	}
	for _, server := range diff.ServerChanges(c.old, c.new) {
		o.IO.Messagef("note: %s", server)
	}
	for _, file := range c.edited {
		o.IO.Messagef("note: %s was edited by hand; generate keeps it unless --force is given", file)
	}
	return cmdutil.ErrFound
}

func (o *Options) compare(ctx context.Context) (comparison, error) {
	switch {
	case o.Live:
		return o.withCluster(ctx)
	case len(o.Operands) == 2:
		return o.operands(ctx)
	}
	return o.withTree(ctx)
}
