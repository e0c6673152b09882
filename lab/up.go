package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// Up starts a lab that outlives this process and returns when it is ready, or
// finds one that runs already. On an error nothing is left running that it
// started.
func Up(ctx context.Context, o Options) (*State, error) {
	turn, err := awaitLock(ctx, filepath.Join(o.Dir, "up.lock")) // one up at a time
	if err != nil {
		return nil, err
	}
	defer turn.Close()
	s, lock, err := own(o)
	if errors.Is(err, errLocked) {
		return join(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	return s, s.detach(ctx, o.ParentPID, lock)
}

// own takes the lock of a folder and prepares it.
func own(o Options) (*State, *os.File, error) {
	lock, err := takeLock((&State{Dir: o.Dir}).lockFile())
	if err != nil {
		return nil, nil, err
	}
	s, err := prepare(o)
	if err != nil {
		lock.Close()
		return nil, nil, err
	}
	return s, lock, nil
}

// join waits for the lab that runs in a folder.
func join(ctx context.Context, o Options) (*State, error) {
	s, err := Open(o.Dir)
	if err != nil {
		return nil, err
	}
	want := *s
	o.overlay(&want)
	if want.RuntimeConfig != s.RuntimeConfig || want.FeatureGates != s.FeatureGates {
		return nil, errors.New("the lab runs with another runtime config or other feature gates: lab down first")
	}
	return s, s.wait(ctx, Parts()...)
}

// detach runs "lab supervise" in a session of its own. Until the lab is ready
// it ends with this process; then it is let go.
func (s *State) detach(ctx context.Context, parent int, lock *os.File) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := appendTo(s.Path("supervisor.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(self, "supervise", "--dir", s.Dir, "--parent-pid", strconv.Itoa(parent))
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, []*os.File{lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	leash, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lock.Close() // it is the supervisor's now
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		_ = cmd.Wait() // ProcessState says it too
		stop(fmt.Errorf("the supervisor ended: %s\n%s", cmd.ProcessState, tail(s.Path("supervisor.log"))))
	}()
	if err := s.wait(ctx, Parts()...); err != nil {
		leash.Close()
		return errors.Join(err, s.Down(context.WithoutCancel(ctx)))
	}
	_, err = leash.Write([]byte{1})
	return err
}

// Detached is the other end of detach: the context that the supervisor lives
// by, from its standard input. It also takes over the lock.
func Detached(ctx context.Context, stdin io.Reader) context.Context {
	syscall.CloseOnExec(3) // the lock, which the parts must not hold
	ctx, stop := context.WithCancel(ctx)
	go func() {
		if n, _ := stdin.Read(make([]byte, 1)); n == 0 {
			stop()
		}
	}()
	return ctx
}

// Foreground runs a lab in this process until the context ends or a user
// orders down. It calls ready when it is.
func Foreground(ctx context.Context, o Options, ready func(*State) error) error {
	s, lock, err := own(o)
	if err != nil {
		return err
	}
	defer lock.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		defer stop()
		ended <- s.Supervise(ctx)
	}()
	err = s.wait(ctx, Parts()...)
	if err == nil {
		err = ready(s)
	}
	if err != nil {
		stop()
	}
	return errors.Join(err, <-ended)
}

// Start starts a part that has ended, on its old port and data, and waits until
// it is ready.
func (s *State) Start(ctx context.Context, part string) error {
	if _, err := s.order(ctx, http.MethodPost, "/start/"+part); err != nil {
		return err
	}
	return s.wait(ctx, part)
}
