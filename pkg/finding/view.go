package finding

// View is a finding in JSON and YAML.
type View struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Source   string   `json:"source,omitempty"`
	Line     int      `json:"line,omitempty"`
	Field    string   `json:"field,omitempty"`

	Object  *ObjectView `json:"object,omitempty"`
	Subject string      `json:"subject,omitempty"`
	Scopes  []string    `json:"environments,omitempty"` // or overlays; empty for all
	Reason  string      `json:"reason"`
	Why     string      `json:"why"`
	Fix     string      `json:"fix"`
	Action  string      `json:"bundle,omitempty"`
}

// ObjectView is an object in JSON and YAML.
type ObjectView struct {
	Group     string `json:"group,omitempty"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// Views returns the views of findings. The result is never nil.
func Views(list []Reported) []View {
	views := make([]View, len(list))
	for i, r := range list {
		views[i] = View{
			ID: r.ID, Severity: r.Severity, Source: r.Position.Source, Line: r.Position.Line, Field: r.Position.Field,
			Subject: r.Subject, Scopes: r.Scopes, Reason: r.Reason, Why: r.Why, Fix: r.Fix, Action: r.Action,
		}
		if r.Object != (Object{}) {
			object := ObjectView(r.Object)
			views[i].Object = &object
		}
	}
	return views
}
