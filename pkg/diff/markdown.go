package diff

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Limits of a comment. GitHub takes 65,536 characters; bytes are never fewer.
const (
	maxMarkdown = 60_000
	maxTable    = 20_000 // of it
	reserved    = 500    // of it, for the lines about omitted changes
	openAtMost  = 3      // objects with an unfolded diff
)

// Markdown writes the changes for a pull request: a sentence, a table, and a
// fold for each object. It omits what exceeds the maximum length of a comment,
// with a note. The sentence always counts all changes.
func Markdown(w io.Writer, changes []Change) error {
	var s strings.Builder
	fmt.Fprintf(&s, "**%s**\n", upperFirst(Count(changes).String()))
	if len(changes) > 0 {
		writeTable(&s, changes)
		writeFolds(&s, changes)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func writeTable(s *strings.Builder, changes []Change) {
	s.WriteString("\n| Object | Change | Overlay |\n|---|---|---|\n")
	for i, c := range changes {
		row := fmt.Sprintf("| %s | %s %s | %s |\n", code(c.ID.String()), c.Action, c.size(), code(c.where()))
		if s.Len()+len(row) > maxTable {
			fmt.Fprintf(s, "| and %d more | | |\n", len(changes)-i)
			return
		}
		s.WriteString(row)
	}
}

func writeFolds(s *strings.Builder, changes []Change) {
	left := 0
	for _, c := range changes {
		fold := c.fold(len(changes) <= openAtMost)
		if s.Len()+len(fold) > maxMarkdown-reserved {
			left++
			continue
		}
		s.WriteString(fold)
	}
	switch {
	case left == 1:
		s.WriteString("\nThe diff of 1 object is omitted: the comment would be too long.\n")
	case left > 1:
		fmt.Fprintf(s, "\nThe diffs of %d objects are omitted: the comment would be too long.\n", left)
	}
}

// fold returns the foldable diff of one object.
func (c Change) fold(open bool) string {
	tag := "<details>"
	if open {
		tag = "<details open>"
	}
	fence := strings.Repeat("`", max(3, longestRun(c.Text, '`')+1))
	return fmt.Sprintf("\n%s<summary>%s</summary>\n\n%sdiff\n%s%s\n\n</details>\n",
		tag, code(c.title()), fence, c.Text, fence)
}

func longestRun(s string, of rune) int {
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != of {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// code returns text as HTML code without markup: names cannot become tags,
// table cells, links, emphasis or mentions.
func code(s string) string {
	if s == "" {
		return ""
	}
	var out strings.Builder
	out.WriteString("<code>")
	for _, r := range printable.Line(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -./,", r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "&#%d;", r)
		}
	}
	out.WriteString("</code>")
	return out.String()
}
