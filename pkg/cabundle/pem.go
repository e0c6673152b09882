package cabundle

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// pemReader reads a text with PEM blocks, and keeps count of what is odd about
// its form: that is told once for a text, however long it is.
type pemReader struct {
	*reader
	text string
	odd  map[string]*oddity
	lost bool // the text after the last block is of one without a proper BEGIN
}

// oddity is where a rule on form was first broken, and how often it was.
type oddity struct{ line, count int }

// oddities say what is odd about the form of a text.
var oddities = []struct{ id, reason string }{
	{"T101", "lines end in CRLF"},
	{"T102", "a block starts on the line on which the one before it ends"},
	{"T103", "no blank line before a certificate"},
	{"T104", "text that is no certificate"},
	{"T105", "a comment"},
	{"T106", "PEM headers in a block"},
	{"T115", "a block of a certificate is not called CERTIFICATE"},
	{"T117", "a block does not start at the start of its line"},
	{"T118", "a block has lost its line breaks"},
	{"T119", "blanks or blank lines too many"},
	{"T120", "no newline at the end"},
}

func (p *pemReader) note(id string, line int) {
	if p.odd[id] == nil {
		p.odd[id] = &oddity{line: line}
	}
	p.odd[id].count++
}

// pem reads a text with PEM blocks in it.
func (r *reader) pem(text string) error {
	if err := limits.Blocks(text); err != nil {
		return err
	}
	p := &pemReader{reader: r, text: text, odd: map[string]*oddity{}}
	p.lineEnds()
	gap := gap{line: 1, first: true}
	markers := markersOf(p.text)
	for i := 0; i < len(markers); i++ {
		m := markers[i]
		b := p.block(markers[i:])
		gap.end = m.at
		p.gap(gap, &b)
		p.take(b)
		p.lost = false
		gap = nextGap(b)
		if b.end != nil && m.begins {
			i++
		}
	}
	gap.end, gap.last = len(p.text), true
	p.gap(gap, nil)
	for _, o := range oddities {
		if odd := p.odd[o.id]; odd != nil {
			r.found(o.id, odd.line, "%s%s", o.reason, times(odd.count))
		}
	}
	return nil
}

func times(count int) string {
	if count < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", count)
}

// lineEnds makes LF of CR and CRLF, so that the rest need not know of them.
func (p *pemReader) lineEnds() {
	if before, _, found := strings.Cut(p.text, "\r\n"); found {
		p.note("T101", 1+strings.Count(before, "\n"))
		p.text = strings.ReplaceAll(p.text, "\r\n", "\n")
	}
	if strings.Contains(p.text, "\r") {
		p.note("T118", 1)
		p.text = strings.ReplaceAll(p.text, "\r", "\n")
	}
	if !strings.HasSuffix(p.text, "\n") && !p.value {
		p.note("T120", 1+strings.Count(p.text, "\n"))
	}
}
