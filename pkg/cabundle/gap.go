package cabundle

import "strings"

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
