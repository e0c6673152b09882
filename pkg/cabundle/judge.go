package cabundle

import (
	"bytes"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Judge weighs a bundle for a target at a time: what was found in reading, and
// what there is to say about the certificates, each once, and all together.
// The findings come in the order of their places.
func Judge(b Bundle, target Target, now time.Time) []finding.Finding {
	j := &judge{target: target, now: now, first: map[string]Entry{}, subjects: map[string]Entry{}}
	for _, f := range b.Findings {
		j.add(f)
	}
	for _, e := range b.Entries {
		j.entry(e)
	}
	j.together(b.Entries)
	finding.SortByPosition(j.found)
	return j.found
}

// JudgeWritten weighs a bundle whose form does not matter, as it is written
// anew or is in an object: for everybody and, where AKS is to take it, by what
// AKS says to all of it.
func JudgeWritten(b Bundle, forAKS bool, now time.Time) []finding.Finding {
	findings := Judge(b, Generic, now)
	if forAKS {
		for _, f := range Judge(b, AKS, now) {
			if f.Position == (finding.Position{}) {
				findings = append(findings, f)
			}
		}
	}
	return findings
}

type judge struct {
	target   Target
	now      time.Time
	first    map[string]Entry // by content
	subjects map[string]Entry // by subject
	found    []finding.Finding
}

// add weighs a finding, and drops it if the target does not mind.
func (j *judge) add(f finding.Finding) {
	rule, _ := RuleOf(f.ID)
	if f.Severity = rule.Severity(j.target); f.Severity != "" {
		j.found = append(j.found, f)
	}
}

func (j *judge) entry(e Entry) {
	c := judged{judge: j, Entry: e, subject: pki.Name(e.Cert.Subject)}
	if first, twice := j.first[string(e.Cert.Raw)]; twice {
		if !e.Sent {
			c.say("T014", "the same as %s", c.other(first))
		}
		return
	}
	j.first[string(e.Cert.Raw)] = e
	if !e.Sent {
		c.role()
	}
	c.validity()
	c.key()
	c.signature()
	c.critical()
	c.uses()
	c.namesake()
}

// judged is a certificate being judged.
type judged struct {
	*judge
	Entry
	subject string
}

func (c judged) say(id, format string, args ...any) {
	c.add(finding.Finding{ID: id, Position: c.Place, Subject: c.subject, Reason: fmt.Sprintf(format, args...)})
}

// other names the place of another certificate.
func (c judged) other(e Entry) string {
	if e.Place == c.Place {
		return "the one before it"
	}
	return "the one at " + e.Place.String()
}

// namesake tells of another key under the same subject.
func (c judged) namesake() {
	subject := sameName(c.Cert.Subject)
	first, known := c.subjects[subject]
	switch {
	case !known:
		c.subjects[subject] = c.Entry
	case !bytes.Equal(first.Cert.RawSubjectPublicKeyInfo, c.Cert.RawSubjectPublicKeyInfo):
		c.say("T015", "has another key than %s", c.other(first))
	}
}

// sameName is alike for names that are the same however they are encoded, as
// far as case and blanks go (RFC 5280, 7.1).
func sameName(n pkix.Name) string {
	var b strings.Builder
	for _, a := range n.Names {
		value := strings.Join(strings.Fields(strings.ToLower(fmt.Sprint(a.Value))), " ")
		fmt.Fprintf(&b, "%s=%q,", a.Type, value)
	}
	return b.String()
}

// together judges what only all certificates are: their number and size.
func (j *judge) together(entries []Entry) {
	n := len(j.first)
	if n > maxAKS {
		j.add(finding.Finding{ID: "T201", Reason: fmt.Sprintf("%d certificates, of which AKS takes %d", n, maxAKS)})
	}
	j.add(finding.Finding{ID: "T204", Reason: "AKS adds no custom CAs to Windows node pools"})
	j.add(finding.Finding{ID: "T205", Reason: "nodes trust these CAs, containers in pods do not"})
	size, newlines := pemSize(entries)
	if size > MaxObject {
		j.add(finding.Finding{ID: "T206", Reason: fmt.Sprintf("%s of PEM, of which a Secret or ConfigMap holds %d", bytesText(size), MaxObject)})
	}
	if applied := size + newlines; applied > maxAnnotation && size <= MaxObject && !j.has("T203") {
		j.add(finding.Finding{ID: "T203", Reason: fmt.Sprintf("%s of PEM in a ConfigMap is too much for kubectl apply without --server-side", bytesText(size))})
	}
}

func (j *judge) has(id string) bool {
	return slices.ContainsFunc(j.found, func(f finding.Finding) bool { return f.ID == id })
}

// days writes how long something is away, as kubectl writes ages.
func days(d time.Duration) string {
	n := int(d.Abs() / (24 * time.Hour))
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func list(words []string) string { return strings.Join(words, ", ") }

// Report returns findings with what a report shows about them for a target.
func Report(findings []finding.Finding, target Target) []finding.Reported {
	list := make([]finding.Reported, len(findings))
	for i, f := range findings {
		rule, _ := RuleOf(f.ID)
		f.Fix = rule.FixFor(target)
		list[i] = finding.Reported{Finding: f, What: rule.What, Why: rule.Why, Action: string(rule.Bundle)}
		if !IsServer(f.Position.Source) {
			list[i].File = f.Position.Source
		}
	}
	return list
}

// ReportWritten is Report for a bundle that has been written: with what that did
// about each finding. What was repaired needs no fix.
func ReportWritten(findings []finding.Finding, target Target) []finding.Reported {
	list := Report(findings, target)
	for i := range list {
		list[i].Outcome = list[i].Action
		if list[i].Action == string(Repaired) {
			list[i].Fix = ""
		}
	}
	return list
}
