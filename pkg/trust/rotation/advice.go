package rotation

import (
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// UsualFile is the default file of a rotation.
const UsualFile = "rotation.yaml"

// Advice describes the steps of a rotation and what the user does next.
type Advice struct {
	Program   string // as it was called
	File      string // of the rotation
	CertsFile string // that the locations are generated from; "" if unknown
	Rotation  Rotation
	Old, New  []*x509.Certificate
}

// About returns what is true once a step is done.
func (a Advice) About(step Step) string {
	old, fresh, bundle := Names(a.Old, a.New), Names(a.New, a.Old), a.Rotation.Bundle
	return map[Step]string{
		Add:        fmt.Sprintf("%s is in %s, beside %s", fresh, bundle, old),
		Distribute: "every location has it, and every pod has read it",
		Switch:     "no issuer signs with " + old,
		Drain:      "nothing needs " + old,
		Remove:     fmt.Sprintf("%s is removed from %s", old, bundle),
		Settle:     "no location and no pod has the old CA",
	}[step]
}

// Next returns what the user does next.
func (a Advice) Next(s Status) string {
	command := a.Program + " trust rotate next"
	if a.File != UsualFile {
		command += " -f " + shell.Join([]string{a.File})
	}
	switch {
	case s.Early:
		return "put " + Names(a.Old, a.New) + " back into " + a.Rotation.Bundle + ", for example with git revert, and deploy it"
	case s.Bundle != nil:
		return command
	}
	switch s.Step {
	case Add:
		return "set bundle in " + a.File + " to the file that the locations are generated from"
	case Distribute, Settle:
		return a.rewrite() + ", deploy, and restart the pods that have not read it"
	case Switch:
		if !slices.ContainsFunc(a.Rotation.Issuers, func(i Issuer) bool { return i.File != "" }) {
			return "switch the issuers listed above to the new CA, and renew the certificates"
		}
		return command + " edits the files of the issuers; deploy them, and renew the certificates"
	case Drain:
		return "renew the certificates, reload the servers, and resolve what is unknown"
	}
	return "nothing: the rotation is done; delete its file"
}

// rewrite describes how to update the locations from the bundle.
func (a Advice) rewrite() string {
	if a.CertsFile == "" {
		return "update the locations from " + a.Rotation.Bundle
	}
	return a.generate(a.CertsFile)
}

// generate returns the commands that write the trees of certs.yaml files.
func (a Advice) generate(files ...string) string {
	var commands []string
	for _, file := range files {
		commands = append(commands, strings.TrimSuffix(a.Program+" generate -f "+shell.Join([]string{file}), " -f certs.yaml"))
	}
	return strings.Join(append(commands, "commit"), ", ")
}

// AfterEdit returns what the user does with the written files. Path returns the
// path of a file of the rotation.
func (a Advice) AfterEdit(s Status, writes map[string][]byte, path func(name string) string) string {
	if s.Bundle != nil {
		return a.rewrite()
	}
	var files []string
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		if config.IsCerts(writes[name]) {
			files = append(files, path(name))
		}
	}
	return a.generate(files...)
}
