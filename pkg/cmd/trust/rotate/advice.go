package rotate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// about says what a step is.
func (l *loaded) about(step rotation.Step) string {
	old, fresh, bundle := rotation.Names(l.plan.Old, l.plan.New), rotation.Names(l.plan.New, l.plan.Old), l.plan.Rotation.Bundle
	return map[rotation.Step]string{
		rotation.Add:    fmt.Sprintf("%s is in %s, beside %s", fresh, bundle, old),
		rotation.Spread: "every place has it, and every pod has read it",
		rotation.Switch: "no issuer signs with " + old,
		rotation.Drain:  "nothing needs " + old,
		rotation.Remove: fmt.Sprintf("%s is out of %s", old, bundle),
		rotation.Settle: "no place has it, and no pod has read it",
	}[step]
}

// next says what a person does next.
func (l *loaded) next(s rotation.Status) string {
	command := l.program + " trust rotate next"
	if l.file != usualFile {
		command += " -f " + shell.Join([]string{l.file})
	}
	switch {
	case s.Early:
		return "put " + rotation.Names(l.plan.Old, l.plan.New) + " back into " + l.plan.Rotation.Bundle + ", by git revert for instance, and let that spread"
	case s.Bundle != nil:
		return command
	}
	switch s.Step {
	case rotation.Add:
		return "name as bundle, in " + l.file + ", the file that the places are made from"
	case rotation.Spread, rotation.Settle:
		return l.rewrite() + ", let it get there, and restart what has not read it"
	case rotation.Switch:
		if !slices.ContainsFunc(l.plan.Rotation.Issuers, func(i rotation.Issuer) bool { return i.File != "" }) {
			return "let the issuers sign with the new CA, as is said of each, and renew the certificates"
		}
		return command + " edits the files that are named; apply them, and renew the certificates"
	case rotation.Drain:
		return "renew the certificates, let servers load them, and clear up what nobody can tell"
	}
	return "nothing: the rotation is done, and its file can go"
}

// rewrite says how what the locations hold is made from the bundle.
func (l *loaded) rewrite() string {
	if l.certsFile == "" {
		return "write what the places hold from " + l.plan.Rotation.Bundle
	}
	return l.generate(l.certsFile)
}

// generate returns the commands that write the trees of some certs.yaml.
func (l *loaded) generate(files ...string) string {
	var commands []string
	for _, file := range files {
		commands = append(commands, strings.TrimSuffix(l.program+" generate -f "+shell.Join([]string{file}), " -f certs.yaml"))
	}
	return strings.Join(append(commands, "commit"), ", ")
}

// afterEdit says what to do with the files that were written.
func (l *loaded) afterEdit(s rotation.Status, writes map[string][]byte) string {
	if s.Bundle != nil {
		return l.rewrite()
	}
	var files []string
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		if certsKind.Match(writes[name]) {
			files = append(files, l.plan.Path(name))
		}
	}
	return l.generate(files...)
}

// certsKind matches a certs.yaml among what is written.
var certsKind = regexp.MustCompile(`(?m)^kind: *Certs\b`)
