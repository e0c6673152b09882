package process

import "syscall"

// attributes end the process with this one, even if another process holds its standard input
// open. The signal is sent when the thread that started the process ends; Go keeps its threads,
// except those that a goroutine locks and does not unlock.
var attributes = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
