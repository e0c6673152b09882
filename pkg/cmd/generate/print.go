package generate

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// printObjects writes objects as kubectl would: those of -o yaml as the documents
// of a manifest, and others as a list.
func printObjects(o *Options, built []manifest.Built) error {
	objects := make([]manifest.Object, len(built))
	list := output.List{APIVersion: "v1", Kind: "List"}
	for i, b := range built {
		objects[i] = b.Object
		list.Items = append(list.Items, b.Object)
		list.Names = append(list.Names, b.ID().Resource())
	}
	if o.Output.Is(output.YAML) {
		_, err := o.IO.Out.Write(manifest.Join(objects))
		return err
	}
	return o.Output.Print(o.IO.Out, list)
}

// manyFiles is how many lines of files still help; more are counted by folder.
const manyFiles = 40

// reportUpdate prints every file that changed and why it looks as it does, and
// what was kept.
func reportUpdate(o *Options, u overlay.Update, checks []project.BuildCheck) error {
	printChanges(o.IO, changed(u))
	for _, kept := range u.Kept() {
		o.IO.Messagef("kept %s: %s", kept.Path, strings.Join(kept.Notes, "; "))
	}
	o.IO.Messagef("%s", summary(u, o.DryRun))
	var built []string
	for _, c := range checks {
		built = append(built, fmt.Sprintf("%s %s", c.Environment, phrase.Count(c.Objects, "object")))
	}
	if len(built) > 0 {
		o.IO.Messagef("build check: %s", strings.Join(built, ", "))
	}
	if len(u.Kept()) > 0 {
		o.IO.Messagef("hint: run with --force --dry-run to see what would be overwritten, or move the edits to certs.yaml")
		return cmdutil.ErrFound
	}
	return nil
}

// reportLint counts the errors and warnings in what is generated, if there are
// any.
func reportLint(o *Options, found []lint.Merged) {
	var serious []finding.Finding
	for _, f := range found {
		if f.Severity != finding.Note {
			serious = append(serious, f.Finding.Finding)
		}
	}
	if len(serious) == 0 {
		return
	}
	command := o.Program + " lint"
	if o.Project.Named() {
		command += " -f " + shell.Quote(shell.Path(o.Project.File))
	}
	what := "them"
	if len(serious) == 1 {
		what = "it"
	}
	o.IO.Messagef("lint: %s; %s shows %s", finding.Summary(serious), command, what)
}

// checkActions are what --check calls the files that generate would touch.
var checkActions = map[overlay.Action]overlay.Action{
	overlay.Created: "missing",
	overlay.Updated: "differs",
	overlay.Deleted: "left over",
	overlay.Kept:    "edited",
}

// reportCheck prints what is out of date. The error is ErrFound if anything is.
func reportCheck(o *Options, u overlay.Update) error {
	if !u.Dirty() && len(u.Kept()) == 0 {
		o.IO.Messagef("up to date: %s", phrase.Count(len(u.Changes), "file"))
		return nil
	}
	found := append(changed(u), u.Kept()...)
	for i, c := range found {
		found[i].Action = checkActions[c.Action]
	}
	printChanges(o.IO, found)
	o.IO.Messagef("out of date: %s", phrase.Count(len(u.Writes)+len(u.Deletes)+len(u.Kept()), "file"))
	return cmdutil.ErrFound
}

func changed(u overlay.Update) []overlay.Change {
	return slices.DeleteFunc(slices.Clone(u.Changes), func(c overlay.Change) bool {
		return c.Action == overlay.Unchanged || c.Action == overlay.Kept
	})
}

func printChanges(streams iostreams.IO, changes []overlay.Change) {
	table := streams.NewTable(false)
	defer table.Flush()
	if len(changes) > manyFiles {
		for _, row := range byFolder(changes) {
			table.Row(row...)
		}
		return
	}
	for _, c := range changes {
		cells := []string{c.Path, string(c.Action)}
		if text := purpose(c.Notes); text != "" {
			cells = append(cells, text)
		}
		table.Colored(1, colorOf(c.Action), cells...)
	}
}

func colorOf(action overlay.Action) iostreams.Color {
	switch action {
	case overlay.Created:
		return iostreams.Green
	case overlay.Deleted, overlay.Kept:
		return iostreams.Red
	}
	return iostreams.Yellow
}

// purpose says what the object of a file is for, or how many objects it has.
func purpose(notes []string) string {
	if len(notes) > 1 {
		return phrase.Count(len(notes), "object")
	}
	return strings.Join(notes, "")
}

// byFolder counts files and objects by folder and action.
func byFolder(changes []overlay.Change) (rows [][]string) {
	type key struct{ dir, action string }
	type sum struct{ files, objects int }
	sums := map[key]sum{}
	for _, c := range changes {
		k := key{path.Dir(c.Path), string(c.Action)}
		s := sums[k]
		s.files++
		if c.Action != overlay.Deleted { // whose note says why
			s.objects += len(c.Notes)
		}
		sums[k] = s
	}
	keys := make([]key, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.action, b.action)) })
	for _, k := range keys {
		s := sums[k]
		rows = append(rows, []string{k.dir + "/", phrase.Count(s.files, "file") + " " + k.action, phrase.Count(s.objects, "object")})
	}
	return rows
}

// summary counts the files of an update by action.
func summary(u overlay.Update, dryRun bool) string {
	var parts []string
	for _, action := range []overlay.Action{overlay.Created, overlay.Updated, overlay.Deleted, overlay.Kept} {
		n := 0
		for _, c := range u.Changes {
			if c.Action == action {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, phrase.Count(n, "file")+" "+string(action))
		}
	}
	switch {
	case len(parts) == 0:
		return "nothing to do: " + phrase.Count(len(u.Changes), "file") + " up to date"
	case dryRun:
		return "dry run, nothing written: " + strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ")
}
