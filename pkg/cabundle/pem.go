package cabundle

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

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

// gap is the text between two blocks.
type gap struct {
	start, end  int
	line        int // of its start
	first, last bool
	cut         bool // the block before it has no END
}

// nextGap is the gap behind a block; its end is not known yet.
func nextGap(b block) gap {
	if b.end != nil {
		return gap{start: b.end.after, line: b.end.line}
	}
	return gap{start: b.stop, line: b.begin.line + b.lines, cut: true}
}

// gap tells of text around blocks, and of how the next block, if there is one,
// is set off from the one before it.
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

// aroundText looks at the lines of a gap, and reports whether all are blank.
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

// stray tells of a line that is neither blank nor a comment.
func (p *pemReader) stray(line string, number int) {
	label, begins := damagedLabel(line)
	switch {
	case !begins && p.lost: // the rest of a block that was told of
	case !begins:
		p.note("T104", number)
	case strings.Contains(label, "PRIVATE KEY"):
		p.lost = true
		p.found("T111", number, "a private key")
	default:
		p.lost = true
		p.found("T109", number, "the BEGIN line has not five dashes on each side and capital letters")
	}
}
