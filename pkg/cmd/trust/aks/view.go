package aks

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/aks"
)

// commandView is a command as JSON and YAML show it.
type commandView struct {
	About  string   `json:"about,omitempty"`
	Argv   []string `json:"argv"`
	Assign string   `json:"assign,omitempty"` // shell variable that keeps what it prints
	Stdin  string   `json:"stdin,omitempty"`
	Shell  string   `json:"shell"`
}

const previewNote = "this preview was retired on " + aks.RetiredOn + "; these commands have no effect or fail"

// newList returns the commands that a request asks for, and those of the preview.
func newList(r aks.Request) output.List {
	commands, notes, preview := views(aks.Today(r)), aks.Notes(r.Action), views(aks.Preview(r))
	if r.Preview {
		commands, notes = preview, []string{previewNote}
	}
	return output.List{Kind: "AKSCommandList", Items: commands, Rest: map[string]any{
		"action": r.Action, "notes": notes, "retired": preview, "retiredOn": aks.RetiredOn,
	}}
}

func views(steps []aks.Step) []any {
	var list []any
	for _, s := range steps {
		list = append(list, commandView{About: s.About, Argv: s.Argv, Assign: s.Assign, Stdin: s.Stdin, Shell: aks.Shell([]aks.Step{s})})
	}
	return list
}
