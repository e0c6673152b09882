package diff

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable returns one line of text that a terminal shows and does not obey:
// control characters, text direction marks and all else that does not print
// are written as JSON writes them.
func printable(s string) string { return escaped(s, "") }

// printableText is printable for text of several lines and with tabs.
func printableText(s string) string { return escaped(s, "\n\t") }

func escaped(s, allowed string) string {
	bad := func(r rune) bool { return !unicode.IsPrint(r) && !strings.ContainsRune(allowed, r) }
	if !strings.ContainsFunc(s, bad) && utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	for _, r := range s { // a byte that is not UTF-8 becomes U+FFFD
		switch {
		case !bad(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}
