package verify

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func (o *Options) print(c usage.Comparison) error {
	if !o.Output.IsText() {
		return o.Output.Print(o.IO.Out, newList(c))
	}
	views := make([]locationView, len(c.Locations))
	for i, l := range c.Locations {
		views[i] = newLocationView(l)
	}
	if err := output.SortRows(o.Output, views); err != nil {
		return err
	}
	if err := o.printTable(views); err != nil {
		return err
	}
	for i, line := range differences(views) {
		if i == 0 {
			fmt.Fprintln(o.IO.Out)
		}
		o.IO.Printf("%s", line)
	}
	return nil
}

func (o *Options) printTable(views []locationView) error {
	wide := o.Output.Is(output.Wide)
	header := []string{"LOCATION", "CERTIFICATES", "STATUS"}
	if wide {
		header = append(header, "MISSING", "EXTRA", "CHANGED")
	}
	table := o.IO.NewTable(wide)
	if !o.Output.NoHeaders() {
		table.Row(header...)
	}
	for _, v := range views {
		cells := []string{v.Location, strconv.Itoa(v.Count), v.status()}
		if wide {
			cells = append(cells, strconv.Itoa(len(v.Missing)), strconv.Itoa(len(v.Extra)), v.changed())
		}
		table.Colored(2, v.color(), cells...)
	}
	return table.Flush()
}

func (v locationView) status() string {
	switch {
	case v.Same && v.Mixed:
		return "has them"
	case v.Same:
		return "same"
	case v.Absent != "":
		return v.Absent
	}
	return "differs"
}

func (v locationView) color() iostreams.Color {
	if v.Same {
		return iostreams.Green
	}
	return iostreams.Red
}

func (v locationView) changed() string {
	if v.Changed == nil {
		return "-"
	}
	return v.Changed.Format(time.RFC3339)
}

// differences are lines, a certificate each.
func differences(views []locationView) []string {
	var lines []string
	for _, v := range views {
		for _, d := range v.Damage {
			lines = append(lines, v.Location+": cannot be read: "+d)
		}
		for _, d := range v.Differs {
			lines = append(lines, v.Location+": "+d)
		}
		for _, c := range v.Missing {
			lines = append(lines, v.Location+": lacks "+c.String())
		}
		for _, c := range v.Extra {
			lines = append(lines, v.Location+": also has "+c.String())
		}
	}
	return lines
}
