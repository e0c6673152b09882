package filetree

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// blobs reads the contents of git objects with one git cat-file --batch,
// started for the first of them, and caches them.
type blobs struct {
	ctx context.Context // ends the process
	dir string

	mu    sync.Mutex
	cache map[string][]byte
	err   error // of the process; nothing more can be read
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   io.ReadCloser
	lines *bufio.Reader // of out

	stderr bytes.Buffer // read after the process has ended
}

// read returns the contents of an object, which the caller must not modify.
func (b *blobs) read(hash string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if data, ok := b.cache[hash]; ok {
		return data, nil
	}
	if b.err != nil {
		return nil, b.err
	}
	data, err := b.ask(hash)
	if large, ok := errors.AsType[*oversized](err); ok {
		return nil, large.error
	}
	if err != nil {
		_ = b.stop()
		b.err = b.explain(err)
		return nil, b.err
	}
	b.cache[hash] = data
	return data, nil
}

func (b *blobs) ask(hash string) ([]byte, error) {
	if b.cmd == nil {
		if err := b.open(); err != nil {
			return nil, err
		}
	}
	if _, err := io.WriteString(b.in, hash+"\n"); err != nil {
		return nil, err
	}
	line, err := b.lines.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if line == hash+" missing\n" {
		return nil, errMissing
	}
	var size int
	if _, err := fmt.Sscanf(line, hash+" blob %d\n", &size); err != nil || size < 0 {
		return nil, fmt.Errorf("unexpected output %q", line)
	}
	if err := limits.Size(int64(size)); err != nil {
		return b.skip(size, err)
	}
	data := make([]byte, size+1) // and a newline
	if _, err := io.ReadFull(b.lines, data); err != nil {
		return nil, err
	}
	return data[:size:size], nil
}

// skip discards an object that is too large.
func (b *blobs) skip(size int, refused error) ([]byte, error) {
	if _, err := io.CopyN(io.Discard, b.lines, int64(size)+1); err != nil {
		return nil, err
	}
	return nil, &oversized{refused}
}

// oversized is an error of one object, after which others can be read.
type oversized struct{ error }

func (b *blobs) open() (err error) {
	cmd := gitCommand(b.ctx, b.dir, "cat-file", "--batch")
	cmd.Stderr = &b.stderr
	if b.in, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if b.out, err = cmd.StdoutPipe(); err != nil {
		return err
	}
	if err = cmd.Start(); err != nil {
		return err
	}
	b.cmd, b.lines = cmd, bufio.NewReader(b.out)
	return nil
}

// close ends the git process. After that objects that are not in the cache are
// fs.ErrClosed.
func (b *blobs) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = fs.ErrClosed
	}
	if err := b.stop(); err != nil && b.ctx.Err() == nil {
		return err
	}
	return nil
}

// stop ends the process. Closing its output unblocks a process that is still
// writing.
func (b *blobs) stop() error {
	if b.cmd == nil {
		return nil
	}
	cmd := b.cmd
	b.cmd = nil
	err := errors.Join(b.in.Close(), b.out.Close(), cmd.Wait())
	if err != nil {
		return b.explain(err)
	}
	return nil
}

// explain returns the cause of an error: why the process ended, or its stderr.
func (b *blobs) explain(err error) error {
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	said := bytes.TrimSpace(b.stderr.Bytes())
	switch {
	case errors.Is(err, errMissing) || isMissing(string(said)):
		return errMissing
	case len(said) > 0:
		return fmt.Errorf("git cat-file: %s", said)
	}
	return fmt.Errorf("git cat-file: %w", err)
}
