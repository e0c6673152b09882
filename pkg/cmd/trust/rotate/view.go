package rotate

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// statusView is what status shows.
type statusView struct {
	name     string
	old, new []certificates.CA
	step     rotation.Step
	early    bool // the old CA was removed while something needs it
	steps    []stepView
	gates    map[rotation.Gate]bool
	warnings []string
	nextToDo string
}

// stepView is a step as JSON and YAML show it.
type stepView struct {
	Step     rotation.Step  `json:"step"`
	State    rotation.State `json:"state"`
	About    string         `json:"about"`
	WaitsFor []blockerView  `json:"waitsFor,omitempty"`
}

type blockerView struct {
	What string `json:"what"`
	Why  string `json:"why"`
	Do   string `json:"do,omitempty"`
}

func newStatusView(l *loaded, s rotation.Status) statusView {
	v := statusView{
		name: l.plan.Rotation.Name, old: certificates.CAsOf(l.plan.Old), new: certificates.CAsOf(l.plan.New),
		step: s.Step, early: s.Early, gates: map[rotation.Gate]bool{}, warnings: s.Warnings, nextToDo: l.advice().Next(s),
	}
	for _, g := range rotation.Gates {
		v.gates[g] = s.Holds(g)
	}
	for _, step := range rotation.Steps {
		v.steps = append(v.steps, stepView{
			Step: step, State: s.State(step), About: l.advice().About(step), WaitsFor: blockerViews(s.WaitsFor(step)),
		})
	}
	return v
}

func blockerViews(blockers []rotation.Blocker) []blockerView {
	var views []blockerView
	for _, b := range blockers {
		views = append(views, blockerView(b))
	}
	return views
}

// list returns the JSON form of the status.
func (v statusView) list() output.List {
	list := output.List{Kind: "RotationStepList", Rest: map[string]any{
		"name": v.name, "old": v.old, "new": v.new, "step": v.step, "early": v.early, "gates": v.gates, "next": v.nextToDo,
	}}
	if len(v.warnings) > 0 {
		list.Rest["warnings"] = v.warnings
	}
	for _, s := range v.steps {
		list.Items = append(list.Items, s)
	}
	return list
}
