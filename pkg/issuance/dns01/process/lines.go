package process

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrTooLong is the error of a line longer than maxLine.
var ErrTooLong = fmt.Errorf("a line of more than %d bytes", maxLine)

// errNoMessage does not quote the line, which may contain credentials.
var errNoMessage = errors.New("an invalid message")

// Reader reads messages, one JSON object per line.
type Reader struct{ lines *bufio.Scanner }

// NewReader returns a Reader that keeps at most one line in memory.
func NewReader(r io.Reader) *Reader {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine) // a full buffer without a line end is an error
	lines.Split(wholeLines)
	return &Reader{lines}
}

// wholeLines splits at line ends. Text after the last one is not a line: its writer ended too
// early.
func wholeLines(data []byte, atEOF bool) (advance int, line []byte, err error) {
	if end := bytes.IndexByte(data, '\n'); end >= 0 {
		return end + 1, data[:end], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

// Read reads the next message into a pointer to a Request or Response. It returns io.EOF after
// the last one. Do not call it after an error.
func (r *Reader) Read(message any) error {
	if !r.lines.Scan() {
		if err := r.lines.Err(); errors.Is(err, bufio.ErrTooLong) {
			return ErrTooLong
		} else if err != nil {
			return err
		}
		return io.EOF
	}
	decoder := json.NewDecoder(bytes.NewReader(r.lines.Bytes()))
	decoder.DisallowUnknownFields()
	if decoder.Decode(message) != nil {
		return errNoMessage
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errNoMessage
	}
	return nil
}

// Writer writes messages, one JSON object per line. It is safe for concurrent use.
type Writer struct {
	mu sync.Mutex
	w  io.Writer
}

// NewWriter returns a Writer.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes a Request or Response. If it is too long, it writes nothing.
func (w *Writer) Write(message any) error {
	line, err := encode(message)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.w.Write(line)
	return err
}

func encode(message any) ([]byte, error) {
	line, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	if len(line)+1 > maxLine {
		return nil, ErrTooLong
	}
	return append(line, '\n'), nil
}
