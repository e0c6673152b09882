//go:build !linux

package process

import "syscall"

// attributes is nil: the process ends when its standard input is closed.
var attributes *syscall.SysProcAttr
