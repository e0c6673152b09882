package process

import "syscall"

// attributes end the process with this one, even where something else holds its
// standard input open. The signal comes when the thread that started the process
// ends; Go keeps its threads, other than those that a goroutine locks and does
// not unlock.
var attributes = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
