package cli

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// manyFiles is how many lines of files still help; more are counted by folder.
const manyFiles = 40

// reportGenerate tells every file that changed and why it looks as it does.
func reportGenerate(env Env, in generateInput, checks []project.BuildCheck) error {
	u := in.update
	printChanges(env, changed(u))
	for _, kept := range u.Kept() {
		env.say("kept %s: %s", kept.Path, strings.Join(kept.Notes, "; "))
	}
	env.say("%s", sentence(u, in.dryRun))
	var built []string
	for _, c := range checks {
		built = append(built, fmt.Sprintf("%s %s", c.Environment, count(c.Objects, "object")))
	}
	if len(built) > 0 {
		env.say("build check: %s", strings.Join(built, ", "))
	}
	if len(u.Kept()) > 0 {
		env.say("hint: see what would change with --force --dry-run, or take the edits over into certs.yaml")
		return errFound
	}
	return nil
}

// findings are what --check calls the files that generate would touch.
var findings = map[overlay.Action]overlay.Action{
	overlay.Created: "missing",
	overlay.Updated: "differs",
	overlay.Deleted: "left over",
	overlay.Kept:    "edited",
}

// reportCheck tells what is out of date, and exits 1 if anything is.
func reportCheck(env Env, u overlay.Update) error {
	if !u.Dirty() && len(u.Kept()) == 0 {
		env.say("up to date: %s", count(len(u.Changes), "file"))
		return nil
	}
	found := append(changed(u), u.Kept()...)
	for i, c := range found {
		found[i].Action = findings[c.Action]
	}
	printChanges(env, found)
	env.say("out of date: %s", count(len(u.Writes)+len(u.Deletes)+len(u.Kept()), "file"))
	return errFound
}

func changed(u overlay.Update) []overlay.Change {
	return slices.DeleteFunc(slices.Clone(u.Changes), func(c overlay.Change) bool {
		return c.Action == overlay.Unchanged || c.Action == overlay.Kept
	})
}

func printChanges(env Env, changes []overlay.Change) {
	table := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	defer table.Flush()
	if len(changes) > manyFiles {
		for _, line := range byFolder(changes) {
			fmt.Fprintln(table, line)
		}
		return
	}
	for _, c := range changes {
		fmt.Fprintf(table, "%s\t%s", printable.Line(c.Path), env.paint(c.Action))
		if note := summarise(c.Notes); note != "" {
			fmt.Fprintf(table, "\t%s", printable.Line(note))
		}
		fmt.Fprintln(table)
	}
}

// paint colours an action. Every colour is as long as any other, so that the
// columns stay even.
func (e Env) paint(action overlay.Action) string {
	color := yellow
	switch action {
	case overlay.Created:
		color = green
	case overlay.Deleted, overlay.Kept:
		color = red
	}
	return e.in(color, string(action))
}

// summarise tells of one object what it is for, of many how many they are.
func summarise(notes []string) string {
	if len(notes) > 1 {
		return count(len(notes), "object")
	}
	return strings.Join(notes, "")
}

// byFolder counts files and objects by folder and action.
func byFolder(changes []overlay.Change) []string {
	type key struct{ dir, action string }
	type sum struct{ files, objects int }
	sums := map[key]sum{}
	for _, c := range changes {
		k := key{path.Dir(c.Path), string(c.Action)}
		s := sums[k]
		s.files++
		s.objects += len(c.Notes)
		sums[k] = s
	}
	keys := make([]key, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.action, b.action)) })
	var lines []string
	for _, k := range keys {
		s := sums[k]
		lines = append(lines, cells(k.dir+"/", count(s.files, "file")+" "+k.action, count(s.objects, "object")))
	}
	return lines
}

// sentence sums an update up.
func sentence(u overlay.Update, dryRun bool) string {
	var parts []string
	for _, action := range []overlay.Action{overlay.Created, overlay.Updated, overlay.Deleted, overlay.Kept} {
		n := 0
		for _, c := range u.Changes {
			if c.Action == action {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, count(n, "file")+" "+string(action))
		}
	}
	switch {
	case len(parts) == 0:
		return "nothing to do: " + count(len(u.Changes), "file") + " up to date"
	case dryRun:
		return "dry run, nothing written: " + strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ")
}
