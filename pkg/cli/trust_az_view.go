package cli

import "github.com/kubectl-certs/kubectl-certs/pkg/trust/aks"

// azView is what trust az prints as JSON.
type azView struct {
	Action    aks.Action `json:"action"`
	Commands  []stepView `json:"commands"`
	Notes     []string   `json:"notes"`
	Retired   []stepView `json:"retired"`
	RetiredOn string     `json:"retiredOn"`
}

type stepView struct {
	About  string   `json:"about,omitempty"`
	Argv   []string `json:"argv"`
	Assign string   `json:"assign,omitempty"` // shell variable that keeps what it prints
	Stdin  string   `json:"stdin,omitempty"`
	Shell  string   `json:"shell"`
}

// newAzView has the commands that were asked for, and those of the preview.
func newAzView(r aks.Request) azView {
	v := azView{
		Action:   r.Action,
		Commands: stepViews(aks.Today(r)), Notes: aks.Notes(r.Action),
		Retired: stepViews(aks.Retired(r)), RetiredOn: aks.RetiredOn,
	}
	if r.Retired {
		v.Commands, v.Notes = v.Retired, []string{azRetired}
	}
	return v
}

const azRetired = "this preview retired on " + aks.RetiredOn + "; these commands change nothing any more, or fail"

func stepViews(steps []aks.Step) []stepView {
	var views []stepView
	for _, s := range steps {
		views = append(views, stepView{About: s.About, Argv: s.Argv, Assign: s.Assign, Stdin: s.Stdin, Shell: aks.Shell([]aks.Step{s})})
	}
	return views
}
