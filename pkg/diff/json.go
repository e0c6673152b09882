package diff

import (
	"io"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Report is what JSON writes. Its field names are stable.
type Report struct {
	Changes []ReportChange `json:"changes"` // never null
	Summary Counts         `json:"summary"`
}

// ReportChange is one object of a Report.
type ReportChange struct {
	Action     Action        `json:"action"`
	APIVersion string        `json:"apiVersion"`
	Kind       string        `json:"kind"`
	Namespace  string        `json:"namespace,omitempty"`
	Name       string        `json:"name"`
	Overlays   []string      `json:"overlays,omitempty"`
	Adds       int           `json:"adds"` // lines
	Dels       int           `json:"dels"`
	Fields     []ReportField `json:"fields"` // never null
	Diff       string        `json:"diff"`   // the hunks that Text writes
}

// ReportField is one leaf that differs; see Field for its path. The path "" is
// the whole object. Old is left out if the leaf was added, New if it was
// removed, and either if it is null.
type ReportField struct {
	Path   string `json:"path"`
	Action Action `json:"action"`
	Old    any    `json:"old,omitempty"`
	New    any    `json:"new,omitempty"`
}

// JSON writes the changes as a Report.
func JSON(w io.Writer, changes []Change) error {
	report := Report{Changes: make([]ReportChange, len(changes)), Summary: Count(changes)}
	for i, c := range changes {
		report.Changes[i] = c.report()
	}
	data, err := printable.JSON(report)
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

func (c Change) report() ReportChange {
	r := ReportChange{
		Action:     c.Action,
		APIVersion: c.APIVersion,
		Kind:       c.ID.Kind,
		Namespace:  c.ID.Namespace,
		Name:       c.ID.Name,
		Overlays:   c.Overlays,
		Adds:       c.Adds,
		Dels:       c.Dels,
		Fields:     make([]ReportField, len(c.Fields)),
		Diff:       c.Text,
	}
	for i, f := range c.Fields {
		r.Fields[i] = ReportField(f)
	}
	return r
}
