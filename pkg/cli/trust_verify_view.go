package cli

import (
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// verifyView is what verify prints as JSON.
type verifyView struct {
	Certificates []caView   `json:"certificates"`
	Places       []heldView `json:"places"`
	Notes        []string   `json:"notes,omitempty"`
}

type heldView struct {
	Place   string     `json:"place"`
	Same    bool       `json:"same"`
	Absent  string     `json:"absent,omitempty"`
	Damage  []string   `json:"damage,omitempty"`
	Differs []string   `json:"differs,omitempty"` // besides certificates
	Count   int        `json:"count"`
	Mixed   bool       `json:"mixed,omitempty"` // more certificates are no difference
	Missing []caView   `json:"missing,omitempty"`
	Extra   []caView   `json:"extra,omitempty"`
	Changed *time.Time `json:"changed,omitempty"` // at the latest
}

func newVerifyView(c usage.Comparison) verifyView {
	v := verifyView{Certificates: []caView{}, Places: []heldView{}, Notes: c.Notes}
	for _, cert := range c.Certificates {
		v.Certificates = append(v.Certificates, newCAView(cert))
	}
	for _, l := range c.Locations {
		v.Places = append(v.Places, newHeldView(l))
	}
	return v
}

func newHeldView(l usage.Compared) heldView {
	d := l.Against()
	v := heldView{
		Place: l.Location, Same: l.Same(), Absent: l.Absent, Damage: l.Damage, Differs: l.Differs,
		Count: len(l.Certs), Mixed: l.Mixed, Missing: caViews(d.Missing), Extra: caViews(d.Extra),
	}
	if !l.Changed.IsZero() {
		changed := l.Changed.UTC()
		v.Changed = &changed
	}
	return v
}

func (v verifyView) print(env Env, output string) error {
	if output == "json" {
		return printView(env, v, output)
	}
	table := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "PLACE\tCERTIFICATES\tSTATUS")
	for _, h := range v.Places {
		fmt.Fprintf(table, "%s\t%s\n", cells(h.Place, strconv.Itoa(h.Count)), env.in(h.color(), printable.Line(h.status())))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i, line := range v.differences() {
		if i == 0 {
			fmt.Fprintln(env.Out)
		}
		env.print("%s", line)
	}
	return nil
}

func (h heldView) status() string {
	switch {
	case h.Same && h.Mixed:
		return "has them"
	case h.Same:
		return "same"
	case h.Absent != "":
		return h.Absent
	}
	return "differs"
}

func (h heldView) color() iostreams.Color {
	if h.Same {
		return green
	}
	return red
}

// differences are lines, a certificate each.
func (v verifyView) differences() []string {
	var lines []string
	for _, h := range v.Places {
		for _, d := range h.Damage {
			lines = append(lines, h.Place+": cannot be read: "+d)
		}
		for _, d := range h.Differs {
			lines = append(lines, h.Place+": "+d)
		}
		for _, c := range h.Missing {
			lines = append(lines, h.Place+": lacks "+c.String())
		}
		for _, c := range h.Extra {
			lines = append(lines, h.Place+": has besides "+c.String())
		}
	}
	return lines
}
