package rotate

import (
	"slices"

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
	Step     rotation.Step `json:"step"`
	State    string        `json:"state"` // done, now or later; early for what was left out
	About    string        `json:"about"`
	WaitsFor []blockerView `json:"waitsFor,omitempty"`
}

type blockerView struct {
	What string `json:"what"`
	Why  string `json:"why"`
	Do   string `json:"do,omitempty"`
}

func newStatusView(l *loaded, s rotation.Status) statusView {
	v := statusView{
		name: l.plan.Rotation.Name, old: certificates.CAsOf(l.plan.Old), new: certificates.CAsOf(l.plan.New),
		step: s.Step, early: s.Early, gates: map[rotation.Gate]bool{}, warnings: s.Warnings, nextToDo: l.next(s),
	}
	for _, g := range rotation.Gates {
		v.gates[g] = s.Holds(g)
	}
	for _, step := range rotation.Steps {
		view := stepView{Step: step, State: state(step, s), About: l.about(step)}
		ahead := step != rotation.Settle || s.Step == rotation.Settle
		if view.State != "done" && ahead {
			view.WaitsFor = blockerViews(s.Blockers[step])
		}
		v.steps = append(v.steps, view)
	}
	return v
}

// state says how a step stands to the current one.
func state(step rotation.Step, s rotation.Status) string {
	i, now := slices.Index(rotation.Steps, step), slices.Index(rotation.Steps, s.Step)
	switch {
	case s.Early && (step == rotation.Drain || step == rotation.Remove):
		return "early"
	case i < now || s.Step == rotation.Done:
		return "done"
	case i == now:
		return "now"
	}
	return "later"
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
