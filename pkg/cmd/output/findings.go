package output

import (
	"fmt"
	"io"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// PrintFindings writes findings in a format of others: GitHub or SARIF, which
// names the version of this program.
func (f *Flags) PrintFindings(w io.Writer, list []finding.Reported, version string) error {
	text := []byte(finding.GitHub(list))
	switch {
	case f.Is(SARIF):
		var err error
		tool := finding.Tool{Name: "kubectl-certs", Version: version, URL: "https://github.com/kubectl-certs/kubectl-certs"}
		if text, err = finding.SARIF(list, tool); err != nil {
			return err
		}
	case !f.Is(GitHub):
		return fmt.Errorf("--output %q is not a format of findings", f.Format())
	}
	_, err := w.Write(text)
	return err
}

// FindingItems returns findings as items of a list.
func FindingItems(list []finding.Reported) []any {
	items := make([]any, len(list))
	for i, view := range finding.Views(list) {
		items[i] = view
	}
	return items
}
