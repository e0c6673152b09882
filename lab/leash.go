package lab

import (
	"context"
	"os"
	"os/exec"
	"runtime"
)

// Leash runs a program that does not end with its parent by itself, until it
// ends or the context does. Where the kernel can (Linux), it is killed with this
// process too, whatever ends that.
func Leash(ctx context.Context, name string, args ...string) error {
	runtime.LockOSThread() // as for forks: the thread must live as long as the program
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdout, os.Stderr, childAttr()
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil
	}
	return err
}
