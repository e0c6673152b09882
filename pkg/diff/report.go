package diff

// Report is a change as data, for JSON. Its field names are stable.
type Report struct {
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

// Report returns the change as data.
func (c Change) Report() Report {
	r := Report{
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
