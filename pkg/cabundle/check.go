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

// Check checks a bundle for a target at a time. It returns the findings of reading
// and those about the certificates, sorted by position.
func Check(b Bundle, target Target, now time.Time) []finding.Finding {
	k := &checker{target: target, now: now, first: map[string]Entry{}, subjects: map[string]Entry{}}
	for _, f := range b.Findings {
		k.add(f)
	}
	for _, e := range b.Entries {
		k.entry(e)
	}
	k.together(b.Entries)
	finding.SortByPosition(k.found)
	return k.found
}

// CheckWritten checks a bundle without regard to its form, because it is rewritten
// or is in an object. If it is for AKS, it adds AKS's findings about the bundle as
// a whole.
func CheckWritten(b Bundle, forAKS bool, now time.Time) []finding.Finding {
	findings := Check(b, Generic, now)
	if forAKS {
		for _, f := range Check(b, AKS, now) {
			if f.Position == (finding.Position{}) {
				findings = append(findings, f)
			}
		}
	}
	return findings
}

func (k *checker) entry(e Entry) {
	c := certificate{checker: k, Entry: e, subject: pki.Name(e.Cert.Subject)}
	if first, twice := k.first[string(e.Cert.Raw)]; twice {
		if !e.Sent {
			c.report("T014", "is the same as %s", c.other(first))
		}
		return
	}
	k.first[string(e.Cert.Raw)] = e
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

// namesake reports another key under the same subject.
func (c certificate) namesake() {
	subject := sameName(c.Cert.Subject)
	first, known := c.subjects[subject]
	switch {
	case !known:
		c.subjects[subject] = c.Entry
	case !bytes.Equal(first.Cert.RawSubjectPublicKeyInfo, c.Cert.RawSubjectPublicKeyInfo):
		c.report("T015", "has another key than %s", c.other(first))
	}
}

// sameName returns the same string for equal names, without regard to encoding,
// case and spaces (RFC 5280, 7.1).
func sameName(n pkix.Name) string {
	var b strings.Builder
	for _, a := range n.Names {
		value := strings.Join(strings.Fields(strings.ToLower(fmt.Sprint(a.Value))), " ")
		fmt.Fprintf(&b, "%s=%q,", a.Type, value)
	}
	return b.String()
}

// together checks the number and size of all certificates.
func (k *checker) together(entries []Entry) {
	n := len(k.first)
	if n > maxAKS {
		k.add(finding.Finding{ID: "T201", Reason: fmt.Sprintf("%d certificates, but AKS accepts %d", n, maxAKS)})
	}
	k.add(finding.Finding{ID: "T204", Reason: "AKS does not add custom CAs to Windows node pools"})
	k.add(finding.Finding{ID: "T205", Reason: "nodes trust these CAs, but containers in pods do not"})
	size, newlines := pemSize(entries)
	if size > MaxObject {
		k.add(finding.Finding{ID: "T206", Reason: fmt.Sprintf("%s of PEM, but a Secret or ConfigMap holds %d", bytesText(size), MaxObject)})
	}
	if applied := size + newlines; applied > maxAnnotation && size <= MaxObject && !k.has("T203") {
		k.add(finding.Finding{ID: "T203", Reason: fmt.Sprintf("%s of PEM in a ConfigMap, too much for kubectl apply without --server-side", bytesText(size))})
	}
}

func (k *checker) has(id string) bool {
	return slices.ContainsFunc(k.found, func(f finding.Finding) bool { return f.ID == id })
}
