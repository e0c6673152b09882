package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Status is how a part is doing.
type Status struct {
	Part    string
	PID     int
	Running bool
	Exit    string // how it ended
}

// family is the parts as child processes. They end with their parent: the
// kernel kills them where it can (Linux), and each holds a pipe whose other end
// is here and exits when that closes.
type family struct {
	state *State
	self  string // the executable, which is also that of the parts
	fork  chan func()

	mu    sync.Mutex
	procs map[string]*proc
}

type proc struct {
	cmd   *exec.Cmd
	leash io.Closer
	gone  chan struct{} // closed when the process was waited for
}

func newFamily(s *State) (*family, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f := &family{state: s, self: self, fork: make(chan func()), procs: map[string]*proc{}}
	go f.forks()
	return f, nil
}

// forks starts processes from one thread that never ends, because Linux sends
// the death signal when the thread that forked ends, not the process.
func (f *family) forks() {
	runtime.LockOSThread()
	for start := range f.fork {
		start()
	}
}

func (f *family) start(part string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.procs[part]; p != nil && p.running() {
		return fmt.Errorf("%s is running", part)
	}
	log, err := appendTo(f.state.Path("log", part+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	stdin, leash, err := os.Pipe()
	if err != nil {
		return err
	}
	defer stdin.Close()
	cmd := exec.Command(f.self, "part", part, "--dir", f.state.Dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = stdin, log, log, childAttr()
	started := make(chan error)
	f.fork <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		leash.Close()
		return err
	}
	p := &proc{cmd: cmd, leash: leash, gone: make(chan struct{})}
	f.procs[part] = p
	go func() {
		_ = cmd.Wait() // ProcessState keeps what there is to say
		leash.Close()
		close(p.gone)
	}()
	return nil
}

// kill ends a part with SIGKILL and waits until it is gone.
func (f *family) kill(part string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.procs[part]
	if p == nil || !p.running() {
		return fmt.Errorf("%s is not running", part)
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.gone
	return nil
}

// end kills all parts, the last started first.
func (f *family) end() {
	parts := Parts()
	for i := len(parts) - 1; i >= 0; i-- {
		_ = f.kill(parts[i]) // those that run
	}
}

func (f *family) status() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Status
	for _, part := range Parts() {
		st := Status{Part: part}
		if p := f.procs[part]; p != nil {
			st.PID, st.Running = p.cmd.Process.Pid, p.running()
			if !st.Running {
				st.Exit = p.cmd.ProcessState.String()
			}
		}
		all = append(all, st)
	}
	return all
}

func (p *proc) running() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

func appendTo(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		fmt.Fprintln(f, "---", time.Now().Format(time.RFC3339))
	}
	return f, err
}
