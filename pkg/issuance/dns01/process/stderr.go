package process

import (
	"bytes"
	"strings"
	"sync"
)

// longestReason is the maximum length of a kept line. A longer one is dropped: part of a secret
// in a truncated line would not be redacted.
const longestReason = 1 << 10

// stderrLog discards a child's standard error, except for the line with which the Go runtime reports
// a panic or a fatal error.
type stderrLog struct {
	mu     sync.Mutex
	line   []byte // without its end; at most longestReason+1 bytes
	reason string
}

func (t *stderrLog) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for rest := p; len(rest) > 0; {
		part, after, end := bytes.Cut(rest, []byte("\n"))
		t.line = append(t.line, part[:min(len(part), longestReason+1-len(t.line))]...)
		rest = after
		if end {
			t.keep(string(t.line))
			t.line = t.line[:0]
		}
	}
	return len(p), nil
}

func (t *stderrLog) keep(line string) {
	fatal := strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")
	if fatal && len(line) <= longestReason {
		t.reason = line
	}
}

// lastReason returns the last reason, "" for none.
func (t *stderrLog) lastReason() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reason
}
