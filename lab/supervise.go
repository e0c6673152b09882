package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Supervise runs the parts until the context ends or down is called, and
// then ends them. The caller holds the lock.
func (s *State) Supervise(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listener, err := s.listenControl()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Path("log"), 0o700); err != nil {
		return err
	}
	f, err := newFamily(s)
	if err != nil {
		return err
	}
	defer f.end()
	for _, part := range Parts() {
		if err := f.start(part); err != nil {
			return err
		}
	}
	server := http.Server{Handler: control(f, stop)}
	go server.Serve(listener)
	<-ctx.Done()
	grace, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return server.Shutdown(grace)
}

var errLocked = errors.New("in use by another lab")

// takeLock makes this process, and those it hands the file to, the owner of a
// lock until the last of them closes it or dies.
func takeLock(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%s: %w", filepath.Dir(path), errLocked)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// awaitLock takes a lock when it is free.
func awaitLock(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := takeLock(path)
		if !errors.Is(err, errLocked) || pause(ctx) != nil {
			return f, err
		}
	}
}

// Outlived ends the context when a process is gone.
func Outlived(ctx context.Context, pid int) context.Context {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		defer stop()
		for pause(ctx) == nil && alive(pid) {
		}
	}()
	return ctx
}

// alive reports whether a process runs. On Linux, one that ended but was not waited
// for does not.
func alive(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// pause waits a moment.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}
