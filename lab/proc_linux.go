package lab

import "syscall"

// childAttr makes the kernel kill a child with its parent, and keeps the
// terminal's Ctrl-C from it.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
