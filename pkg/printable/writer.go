package printable

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// Writer writes text to another writer with unsafe characters escaped; newline
// and tab stay. It is a safety net for text that was not escaped before. It is
// safe for concurrent use.
type Writer struct {
	lock sync.Mutex
	w    io.Writer
	keep []string // sequences of unsafe characters that pass
	rest []byte   // an incomplete character or sequence
}

// NewWriter returns a Writer that does not escape the given sequences, such as
// those of colours.
func NewWriter(w io.Writer, keep ...string) *Writer { return &Writer{w: w, keep: keep} }

// Write writes data without an incomplete character at its end.
func (w *Writer) Write(data []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.rest) == 0 && isPlain(data) {
		return w.w.Write(data)
	}
	var out []byte
	out, w.rest = w.escape(append(w.rest, data...))
	if _, err := w.w.Write(out); err != nil {
		return 0, err
	}
	return len(data), nil
}

// Flush writes the incomplete character that Write has kept.
func (w *Writer) Flush() error {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.rest) == 0 {
		return nil
	}
	_, err := io.WriteString(w.w, escape(string(w.rest), isEncodedUnsafe))
	w.rest = nil
	return err
}

// isPlain reports whether text has no unsafe characters and does not end within
// a character.
func isPlain(data []byte) bool {
	return utf8.Valid(data) && !hasUnsafe(data)
}

// escape returns data escaped, and its incomplete end.
func (w *Writer) escape(data []byte) (out, rest []byte) {
	for len(data) > 0 {
		if kept := w.kept(data); kept > 0 {
			out, data = append(out, data[:kept]...), data[kept:]
			continue
		}
		if w.isIncomplete(data) {
			return out, bytes.Clone(data)
		}
		_, size := utf8.DecodeRune(data)
		out = append(out, escape(string(data[:size]), isEncodedUnsafe)...)
		data = data[size:]
	}
	return out, nil
}

// kept returns the length of the sequence that data begins with, 0 if it is not
// one that passes.
func (w *Writer) kept(data []byte) int {
	for _, sequence := range w.keep {
		if bytes.HasPrefix(data, []byte(sequence)) {
			return len(sequence)
		}
	}
	return 0
}

// isIncomplete reports whether data is the start of a character or sequence.
func (w *Writer) isIncomplete(data []byte) bool {
	if !utf8.FullRune(data) {
		return true
	}
	for _, sequence := range w.keep {
		if len(data) < len(sequence) && strings.HasPrefix(sequence, string(data)) {
			return true
		}
	}
	return false
}
