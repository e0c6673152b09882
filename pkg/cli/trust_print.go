package cli

import (
	"io"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// Package certificates, as the commands here know it.
type caView = certificates.CA

const sourcesHelp = certificates.SourcesHelp

var (
	shortened   = certificates.ShortName
	day         = certificates.Day
	expiry      = certificates.Expiry
	newCAView   = certificates.CAOf
	caViews     = certificates.CAsOf
	certsOf     = cabundle.Certificates
	needsSource = certificates.NeedSource
)

func ids(findings []finding.Finding) string { return strings.Join(finding.IDs(findings), ",") }

// reported is cabundle.Report, with outcome ReportWritten.
func reported(findings []finding.Finding, target cabundle.Target, outcome bool) []finding.Reported {
	if outcome {
		return cabundle.ReportWritten(findings, target)
	}
	return cabundle.Report(findings, target)
}

// printFindings writes findings as lines with their fixes.
func printFindings(w io.Writer, list []finding.Reported, o finding.TextOptions) {
	_, _ = io.WriteString(w, finding.Text(list, o)) // output keeps the error
}
