package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// unsafe are the characters that control a terminal or an editor, or are hidden
// by it: the control characters of C0 and C1 and DEL, format characters
// (bidirectional controls, zero-width and tag characters, the byte order mark),
// the line and paragraph separators, and other default ignorable characters.
var unsafe = []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point}

// IsUnsafe reports whether a character controls a terminal or is hidden by it.
// Newline and tab are unsafe too.
func IsUnsafe(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unicode.In(r, unsafe...)
}

// Line returns s on one line. Characters that are unsafe or do not print are
// escaped as in JSON (\n, \u202e), and bytes that are not UTF-8 as \xff.
func Line(s string) string { return escape(s, isHidden) }

// Text is Line for text of several lines: newline and tab stay.
func Text(s string) string {
	return escape(s, func(r rune) bool { return r != '\n' && r != '\t' && isHidden(r) })
}

// isHidden is also true for spaces such as U+00A0, which look like a plain
// space.
func isHidden(r rune) bool { return !unicode.IsPrint(r) || IsUnsafe(r) }

// escape returns s with the characters escaped that bad selects.
func escape(s string, bad func(rune) bool) string {
	if isASCII(s) || !strings.ContainsFunc(s, bad) && utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	for i, r := range s {
		switch _, size := utf8.DecodeRuneInString(s[i:]); {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case bad(r):
			out.WriteString(jsonEscape(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// isASCII reports text of printable ASCII characters alone, the usual case.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// short are the escapes that JSON has for characters of C0 (RFC 8259, section 7).
var short = map[rune]string{'\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func jsonEscape(r rune) string {
	if text, ok := short[r]; ok {
		return text
	}
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
