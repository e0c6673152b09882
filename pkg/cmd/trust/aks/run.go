package aks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/aks"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// Run prints the commands. The error is cmdutil.ErrFound, and nothing is printed
// but findings, if AKS would not take the file.
func Run(_ context.Context, o *Options) error {
	acceptance, err := o.accept()
	if err != nil {
		return err
	}
	if len(acceptance.Errors()) > 0 {
		o.refuse(acceptance)
		return cmdutil.ErrFound
	}
	o.Request.Certificates = acceptance.Certificates
	if !o.Output.IsText() {
		return o.Output.Print(o.IO.Out, newList(o.Request))
	}
	steps := aks.Today(o.Request)
	if o.Request.Preview {
		steps = aks.Preview(o.Request)
	}
	if _, err := io.WriteString(o.IO.Out, aks.Shell(steps)); err != nil {
		return err
	}
	o.advise(acceptance.Findings)
	return nil
}

// accept reads the file that is handed over, if there is one, and checks whether
// AKS takes it.
func (o *Options) accept() (aks.Acceptance, error) {
	file := o.Request.File
	if file == "" {
		return aks.Acceptance{}, nil
	}
	reader := source.Reader{Limits: o.Limits, Passwords: cabundle.UsualPasswords()}
	bundle, err := reader.ReadFile(file)
	if errors.Is(err, cabundle.ErrPassword) {
		err = hint.With(err, "az takes PEM only: kubectl certs trust bundle --target aks --password-file FILE "+shell.Quote(shell.Path(file)))
	}
	if err != nil {
		if _, advised := hint.Of(err); !advised {
			err = hint.With(err, "kubectl certs trust bundle --target aks SOURCE -O roots.pem writes such a file")
		}
		return aks.Acceptance{}, fmt.Errorf("--ca-file: %w", err)
	}
	return aks.Accept(bundle, o.Allow, o.Now), nil
}

// refuse says what is wrong with the file, and how to go on.
func (o *Options) refuse(a aks.Acceptance) {
	file := o.Request.File
	_, _ = io.WriteString(o.IO.Err, finding.Text(cabundle.Report(a.Findings, cabundle.AKS), finding.TextOptions{Program: o.Program}))
	if !a.Refused() {
		o.IO.Messagef("nothing printed: %s in %s", phrase.Count(len(a.Errors()), "error"), file)
		o.IO.Messagef("hint: to use it anyway, add --allow %s", ids(a.ToAllow()))
		return
	}
	o.IO.Messagef("nothing printed: AKS would reject %s", file)
	if allow, ok := a.Repairable(); ok {
		flag := ""
		if len(allow) > 0 {
			flag = " --allow " + ids(allow)
		}
		o.IO.Messagef("hint: %s trust bundle --target aks%s %s > aks-roots.pem", o.Program, flag, shell.Quote(shell.Path(file)))
	}
}

func ids(findings []finding.Finding) string { return strings.Join(finding.IDs(findings), ",") }

// advise says what one should know besides the commands.
func (o *Options) advise(findings []finding.Finding) {
	if o.Request.Preview {
		o.IO.Messagef("warning: %s", previewNote)
		o.IO.Messagef("hint: omit --preview for the current commands")
		return
	}
	for _, f := range findings {
		if f.Severity == finding.Warning {
			o.IO.Messagef("%s", f)
		}
	}
	for _, note := range aks.Notes(o.Request.Action) {
		o.IO.Messagef("note: %s", note)
	}
	for _, s := range aks.Preview(o.Request) {
		line := s.Line()
		if s.Stdin != "" {
			line = "shown with --preview"
		}
		o.IO.Messagef("%s: %s", s.About, line)
	}
}
