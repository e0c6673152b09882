package cabundle

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// oddities are the findings about the form of PEM, reported once for each source.
var oddities = []struct{ id, reason string }{
	{"T101", "lines end in CRLF"},
	{"T102", "a block starts on the line where the previous one ends"},
	{"T103", "no blank line before a certificate"},
	{"T104", "text outside the certificates"},
	{"T105", "a comment"},
	{"T106", "PEM headers in a block"},
	{"T115", "a block with a certificate is not labeled CERTIFICATE"},
	{"T117", "a block does not start at the start of its line"},
	{"T118", "a block has lost its line breaks"},
	{"T119", "trailing spaces or extra blank lines"},
	{"T120", "no newline at the end"},
}

// pem reads text with PEM blocks.
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

// lineEnds converts CR and CRLF to LF.
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

// gap is the text between two blocks.
type gap struct {
	start, end  int
	line        int // of its start
	first, last bool
	cut         bool // the previous block has no END
}

// nextGap returns the gap after a block, without its end.
func nextGap(b block) gap {
	if b.end != nil {
		return gap{start: b.end.after, line: b.end.line}
	}
	return gap{start: b.stop, line: b.begin.line + b.lines, cut: true}
}

// gap reports text around blocks and the separation of the next block from the
// previous one.
func (p *pemReader) gap(g gap, next *block) {
	text := p.text[g.start:g.end]
	lines := strings.Count(text, "\n")
	if next != nil {
		before := text[strings.LastIndexByte(text, '\n')+1:]
		text = text[:len(text)-len(before)]
		switch {
		case g.cut:
		case lines == 0 && !g.first:
			p.note("T102", next.begin.line)
		case before != "":
			p.note("T117", next.begin.line)
		}
	}
	blank := p.aroundText(text, g.line)
	if p.value || !blank || g.last {
		return
	}
	switch {
	case g.first && text != "":
		p.note("T119", 1)
	case lines == 1 && !g.first && next.label() == certificateLabel:
		p.note("T103", next.begin.line)
	case lines > 2, strings.ContainsAny(text, " \t"):
		p.note("T119", g.line+1)
	}
}

// aroundText checks the lines of a gap and returns whether all are blank.
func (p *pemReader) aroundText(text string, line int) (blank bool) {
	blank = true
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(lineBreaks.Replace(l))
		switch {
		case l == "":
			line++
			continue
		case isComment(l):
			if !p.value {
				p.note("T105", line)
			}
		default:
			p.stray(l, line)
		}
		blank = false
		line++
	}
	return blank
}

// stray reports a line that is neither blank nor a comment.
func (p *pemReader) stray(line string, number int) {
	label, begins := damagedLabel(line)
	switch {
	case !begins && p.lost: // the rest of a reported block
	case !begins:
		p.note("T104", number)
	case strings.Contains(label, "PRIVATE KEY"):
		p.lost = true
		p.found("T111", number, "a private key")
	default:
		p.lost = true
		p.found("T109", number, "the BEGIN line must have five dashes on each side and capital letters")
	}
}
