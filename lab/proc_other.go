//go:build unix && !linux

package lab

import "syscall"

// childAttr keeps the terminal's Ctrl-C from a child. Here only the pipe ends
// it with its parent.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
