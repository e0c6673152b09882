package rotate

import (
	"fmt"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

var stateColors = map[rotation.State]iostreams.Color{
	rotation.StateDone: iostreams.Green, rotation.StateNow: iostreams.Yellow, rotation.StateLater: iostreams.Grey, rotation.StateEarly: iostreams.Red,
}

// print prints the steps, what the current one waits for, and what is next. With
// -o wide it prints what every step waits for.
func (v statusView) print(io iostreams.IO, format *output.Flags) error {
	if !format.IsText() {
		return format.Print(io.Out, v.list())
	}
	if err := v.printTable(io); err != nil {
		return err
	}
	wide := format.Is(output.Wide)
	for _, s := range v.steps {
		if s.State == rotation.StateNow || s.State == rotation.StateEarly || wide {
			s.print(io, wide)
		}
	}
	for _, w := range v.warnings {
		io.Messagef("warning: %s", w)
	}
	if v.early {
		io.Messagef("warning: %s was removed from the bundle too early: see what drain waits for", v.old[0].Subject)
	}
	io.Messagef("next: %s", v.nextToDo)
	return nil
}

func (v statusView) printTable(io iostreams.IO) error {
	table := io.NewTable(false)
	for _, s := range v.steps {
		left := ""
		if n := len(s.WaitsFor); n > 0 {
			left = fmt.Sprintf(" (%s left)", phrase.Count(n, "object"))
		}
		table.Colored(1, stateColors[s.State], string(s.Step), string(s.State), s.About+left)
	}
	return table.Flush()
}

// print lists what a step waits for, and what to do about it.
func (s stepView) print(io iostreams.IO, all bool) {
	for i, b := range s.WaitsFor {
		if i == 0 {
			fmt.Fprintln(io.Out)
		}
		if i == clusterreader.ManyLines && !all {
			fmt.Fprintf(io.Out, "and %d more (-o wide lists them)\n", len(s.WaitsFor)-i)
			return
		}
		io.Printf("%s: %s", b.What, b.Why)
		if b.Do != "" {
			io.Printf("  %s", b.Do)
		}
	}
}
