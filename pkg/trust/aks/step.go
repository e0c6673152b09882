package aks

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// Step is one command.
type Step struct {
	About  string   // what for, in words that a shell may read too
	Argv   []string // the program and its arguments
	Assign string   // the variable that keeps what it prints, "" if none does
	Stdin  string   // what it reads, "" if nothing

	needsPrevious bool // runs only if the step before it worked
}

// Shell writes steps for sh, bash and zsh, to be pasted or piped. What steps
// name in ${…} stays for the shell to fill in.
func Shell(steps []Step) string {
	var b strings.Builder
	for i, s := range steps {
		if i > 0 && !s.needsPrevious {
			b.WriteString("\n")
		}
		if s.About != "" && !s.needsPrevious {
			b.WriteString("# " + s.About + "\n")
		}
		b.WriteString(s.Shell())
		if i+1 < len(steps) && steps[i+1].needsPrevious {
			b.WriteString(" &&")
		}
		b.WriteString("\n")
		if s.Stdin != "" {
			b.WriteString(s.Stdin + heredoc + "\n")
		}
	}
	return b.String()
}

// heredoc ends what a step reads. No line of a manifest is it.
const heredoc = "END_OF_MANIFEST"

// Shell writes the step alone, an option a line.
func (s Step) Shell() string {
	var b strings.Builder
	for i, word := range s.Argv {
		switch {
		case i > 0 && strings.HasPrefix(word, "--"):
			b.WriteString(" \\\n  ")
		case i > 0:
			b.WriteString(" ")
		}
		b.WriteString(quoteVariable(word))
	}
	command := b.String()
	if s.Assign != "" {
		command = s.Assign + "=$(" + command + ")"
	}
	if s.Stdin != "" {
		command += " <<'" + heredoc + "'"
	}
	return command
}

// Line writes the step on one line, without what it reads.
func (s Step) Line() string {
	words := make([]string, len(s.Argv))
	for i, word := range s.Argv {
		words[i] = quoteVariable(word)
	}
	return strings.Join(words, " ")
}

// quoteVariable keeps the one variable there is open to the shell. What else is
// in the words that have it is ours, and safe between double quotes.
func quoteVariable(word string) string {
	if strings.Contains(word, poolID) {
		return `"` + word + `"`
	}
	return shell.Quote(word)
}

const poolID = "${POOL_ID}"
