package aks

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// Step is one command.
type Step struct {
	About  string   // a comment, without characters that are special in a shell
	Argv   []string // the program and its arguments
	Assign string   // the variable for its output, or ""
	Stdin  string   // its input, or ""

	needsPrevious bool // run it only if the previous step succeeded
}

// Shell formats steps for sh, bash and zsh. Variables ${…} in steps are expanded by
// the shell.
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

// heredoc ends the input of a step. It is not a line of any manifest.
const heredoc = "END_OF_MANIFEST"

// Shell formats one step, with one option per line.
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

// Line formats the step on one line, without its input.
func (s Step) Line() string {
	words := make([]string, len(s.Argv))
	for i, word := range s.Argv {
		words[i] = quoteVariable(word)
	}
	return strings.Join(words, " ")
}

// quoteVariable quotes a word for the shell but lets it expand poolID. The rest of
// a word with poolID is constant and safe in double quotes.
func quoteVariable(word string) string {
	if strings.Contains(word, poolID) {
		return `"` + word + `"`
	}
	return shell.Quote(word)
}

const poolID = "${POOL_ID}"
