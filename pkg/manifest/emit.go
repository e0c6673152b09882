package manifest

import (
	"slices"
	"strconv"
	"strings"
)

// emitter writes the same text as the YAML library for the values in generated
// objects, and gives up on others.
type emitter struct {
	out  []byte
	keys []string // scratch
}

// emit returns the text of an object, false if the library must write it.
func (e *emitter) emit(o map[string]any) ([]byte, bool) {
	if len(o) == 0 || !e.mapping(o, 0, false) {
		return nil, false
	}
	return e.out, true
}

// mapping writes the fields of a map. With inline the first is on the line of a
// "- ".
func (e *emitter) mapping(m map[string]any, indent int, inline bool) bool {
	start := len(e.keys)
	for key := range m {
		e.keys = append(e.keys, key)
	}
	end := len(e.keys)
	keys := e.keys[start:end]
	if !sortKeys(keys) {
		return false
	}
	for i := range end - start {
		key := e.keys[start+i] // the scratch may be reallocated
		if i > 0 || !inline {
			e.indent(indent)
		}
		if !e.text(key) {
			return false
		}
		e.out = append(e.out, ':')
		if !e.value(m[key], indent) {
			return false
		}
	}
	e.keys = e.keys[:start]
	return true
}

// sortKeys sorts as the library does. The library compares numbers in names as
// numbers, so sortKeys gives up if keys differ in a digit or after one.
func sortKeys(keys []string) bool {
	for _, key := range keys {
		for i := range len(key) {
			if c := key[i]; !isLetter(c) && !isDigit(c) && c != '-' && c != '.' && c != '/' && c != '_' && c != '$' {
				return false
			}
		}
	}
	clear := true
	slices.SortFunc(keys, func(a, b string) int {
		order, sure := compareKeys(a, b)
		clear = clear && sure
		return order
	})
	return clear
}

// compareKeys orders letters after everything else at the first difference; it
// is not sure near digits.
func compareKeys(a, b string) (order int, sure bool) {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		sure = !isDigit(a[i]) && !isDigit(b[i]) && (i == 0 || !isDigit(a[i-1]))
		x, y := isLetter(a[i]), isLetter(b[i])
		switch {
		case x && y, !x && !y:
			return int(a[i]) - int(b[i]), sure
		case x:
			return 1, sure
		}
		return -1, sure
	}
	return len(a) - len(b), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// value writes the value after "key:" or "-".
func (e *emitter) value(v any, indent int) bool {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			e.out = append(e.out, " {}\n"...)
			return true
		}
		e.out = append(e.out, '\n')
		return e.mapping(v, indent+2, false)
	case []any:
		if len(v) == 0 {
			e.out = append(e.out, " []\n"...)
			return true
		}
		e.out = append(e.out, '\n')
		return e.list(v, indent)
	}
	e.out = append(e.out, ' ')
	if !e.scalar(v) {
		return false
	}
	e.out = append(e.out, '\n')
	return true
}

func (e *emitter) list(items []any, indent int) bool {
	for _, item := range items {
		e.indent(indent)
		e.out = append(e.out, '-')
		switch item := item.(type) {
		case []any:
			return false
		case map[string]any:
			if len(item) == 0 {
				e.out = append(e.out, " {}\n"...)
				continue
			}
			e.out = append(e.out, ' ')
			if !e.mapping(item, indent+2, true) {
				return false
			}
		default:
			if !e.value(item, indent) {
				return false
			}
		}
	}
	return true
}

func (e *emitter) scalar(v any) bool {
	switch v := v.(type) {
	case string:
		return e.text(v)
	case int64:
		e.out = strconv.AppendInt(e.out, v, 10)
		return true
	case bool:
		e.out = strconv.AppendBool(e.out, v)
		return true
	case nil:
		e.out = append(e.out, "null"...)
		return true
	}
	return false
}

// words are strings that would be read as another type.
var words = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"}

// text writes names, hosts, paths and URLs unquoted, and quotes words,
// wildcards and quoted strings. It leaves other strings to the library.
func (e *emitter) text(s string) bool {
	if len(s) == 0 {
		e.out = append(e.out, `""`...)
		return true
	}
	if len(s) <= 5 && slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, s) }) {
		return e.word(s)
	}
	if rest, wildcard := strings.CutPrefix(s, "*."); wildcard && isPlain(rest) {
		e.out = append(e.out, "'*."...)
		e.out = append(e.out, rest...)
		e.out = append(e.out, '\'')
		return true
	}
	if s[0] == '"' && isQuotable(s) {
		e.out = append(e.out, '\'')
		e.out = append(e.out, s...)
		e.out = append(e.out, '\'')
		return true
	}
	if !isPlain(s) {
		return false
	}
	e.out = append(e.out, s...)
	return true
}

// word quotes words as the library does.
func (e *emitter) word(s string) bool {
	switch s {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		e.out = append(e.out, '"')
		e.out = append(e.out, s...)
		e.out = append(e.out, '"')
		return true
	}
	return false
}

// isQuotable reports whether a string in single quotes needs no escapes.
func isQuotable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '\'' {
			return false
		}
	}
	return true
}

// isPlain reports whether a string starts with a letter, a slash or an
// underscore and has only characters that are safe in YAML after that.
func isPlain(s string) bool {
	if !isLetter(s[0]) && s[0] != '/' && s[0] != '_' {
		return false
	}
	for i := 1; i < len(s); i++ {
		c := s[i]
		switch {
		case isLetter(c), isDigit(c), c == '-', c == '.', c == '/', c == '_', c == '@':
		case c == ':' && i+1 < len(s) && s[i+1] == '/': // https://
		default:
			return false
		}
	}
	return true
}

func (e *emitter) indent(n int) {
	for range n {
		e.out = append(e.out, ' ')
	}
}
