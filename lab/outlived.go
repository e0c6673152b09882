package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

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
