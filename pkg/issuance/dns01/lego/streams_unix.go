//go:build unix

package lego

import (
	"os"

	"golang.org/x/sys/unix"
)

// takeStreams moves standard input and output to other descriptors. What a provider prints goes
// to standard error, and it reads nothing.
func takeStreams() (in, out *os.File, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	defer null.Close()
	if in, err = moved(0, int(null.Fd())); err != nil {
		return nil, nil, err
	}
	if out, err = moved(1, 2); err != nil {
		return nil, nil, err
	}
	os.Stdout = os.Stderr
	return in, out, nil
}

// moved duplicates a descriptor and replaces it with another one.
func moved(fd, by int) (*os.File, error) {
	copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	if err := unix.Dup2(by, fd); err != nil {
		return nil, os.NewSyscallError("dup2", err)
	}
	return os.NewFile(uintptr(copied), "protocol"), nil
}
