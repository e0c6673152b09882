package diff

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
)

// kind is that of the list that -o json prints.
const kind = "ObjectDiffList"

func printChanges(o *Options, changes []diff.Change) error {
	switch {
	case o.Output.Is(output.JSON):
		list := output.List{Kind: kind, Rest: map[string]any{"summary": diff.Count(changes)}}
		for _, c := range changes {
			list.Items = append(list.Items, c.Report())
		}
		return o.Output.Print(o.IO.Out, list)
	case o.Output.Is(output.Markdown):
		return diff.Markdown(o.IO.Out, changes)
	case o.Summary:
		table := o.IO.NewTable(false)
		for _, row := range diff.Summary(changes) {
			table.Row(row...)
		}
		return table.Flush()
	}
	return diff.Text(o.IO.Out, changes, diff.TextOptions{Color: o.IO.Color})
}
