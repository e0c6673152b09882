package limits

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf16"
)

// withYAMLEscapes returns JSON with the escapes of strings that YAML lacks in
// YAML's form: \/, and the pair for a character beyond U+FFFF (RFC 8259, section
// 7). Data that is not JSON stays as it is.
func withYAMLEscapes(data []byte) []byte {
	if !lacking(data) || !json.Valid(data) {
		return data
	}
	changed := make([]byte, 0, len(data))
	for len(data) > 0 {
		switch r := utf16.DecodeRune(escaped(data), escaped(data[min(6, len(data)):])); {
		case data[0] != '\\':
			changed, data = append(changed, data[0]), data[1:]
		case r != unicode.ReplacementChar:
			changed, data = fmt.Appendf(changed, `\U%08x`, r), data[12:]
		case data[1] == '/':
			changed, data = append(changed, '/'), data[2:]
		default: // an escape has a second byte, which may be a backslash
			changed, data = append(changed, data[:2]...), data[2:]
		}
	}
	return changed
}

// lacking reports whether data may have an escape that YAML lacks.
func lacking(data []byte) bool {
	return slices.ContainsFunc([]string{`\ud`, `\uD`, `\/`}, func(escape string) bool { return bytes.Contains(data, []byte(escape)) })
}

// escaped returns the value of an escape at the start of data, \u and four
// digits; -1 if there is none.
func escaped(data []byte) rune {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(data[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
