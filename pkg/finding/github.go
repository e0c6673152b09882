package finding

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// githubLevels are the workflow commands of GitHub Actions for each severity.
var githubLevels = map[Severity]string{Error: "error", Warning: "warning", Note: "notice"}

var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// GitHub formats each finding as a workflow command of GitHub Actions, which
// annotates the line in a pull request.
func GitHub(list []Reported) string {
	var out strings.Builder
	for _, r := range list {
		location := ""
		if r.File != "" {
			location = "file=" + githubProperty.Replace(printable.Line(r.File)) + ","
			if r.Position.Line > 0 {
				location += fmt.Sprintf("line=%d,", r.Position.Line)
			}
		}
		message := r.message() + r.suffix() + "; " + r.Fix
		fmt.Fprintf(&out, "::%s %stitle=%s::%s\n", githubLevels[r.Severity], location, r.ID, githubText.Replace(printable.Line(message)))
	}
	return out.String()
}

// message formats a finding without position, severity and ID, which are separate
// fields of an annotation.
func (r Reported) message() string {
	var parts []string
	if r.Object != (Object{}) {
		about := r.Object.String()
		if r.Position.Field != "" {
			about += " " + r.Position.Field
		}
		parts = append(parts, about)
	}
	if r.Subject != "" {
		parts = append(parts, r.Subject)
	}
	return strings.Join(append(parts, r.Reason), ": ")
}
