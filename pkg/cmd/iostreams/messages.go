package iostreams

import (
	"io"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// ClearLine is what takes back a line of progress.
const ClearLine = "\r\x1b[K"

// messages is Err: messages, and a line of progress that the next message
// replaces.
type messages struct {
	lock  sync.Mutex
	w     *printable.Writer
	shown bool // a line of progress
}

// Write implements io.Writer.
func (m *messages) Write(p []byte) (int, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.clear()
	return m.w.Write(p)
}

// progress shows a line, "" for none.
func (m *messages) progress(line string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.clear()
	if line != "" {
		_, _ = io.WriteString(m.w, line)
		m.shown = true
	}
}

func (m *messages) clear() {
	if m.shown {
		_, _ = io.WriteString(m.w, ClearLine)
		m.shown = false
	}
}

func (m *messages) flush() {
	m.lock.Lock()
	defer m.lock.Unlock()
	_ = m.w.Flush()
}
