package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// exec runs the binary with the given arguments and checks what must hold.
func (t *trial) exec(args ...string) result { return t.run(command{args: args}) }

// run runs a command and checks what must hold of any.
func (t *trial) run(c command) result {
	before := t.listing()
	r := t.start(c)
	t.tally(t.family).add(r)
	if t.list != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(r.stderr), "\n")
		_, _ = fmt.Fprintf(t.list, "%s %x %d %s %s: %s\n", t.family, t.seed, r.code, r.took.Round(time.Millisecond), quoted(c.args), short(first))
	}
	t.check(c, r, before)
	return r
}

// start runs a command to its end.
func (t *trial) start(c command) result {
	cmd := exec.Command(t.bin, c.args...)
	cmd.Dir = t.dir
	cmd.Env = append([]string{"HOME=" + t.home, "TMPDIR=" + t.tmp, "PATH=/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY=" + t.secrets[0]}, c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	var out, talk capped
	cmd.Stdout, cmd.Stderr = &out, &talk
	if c.stdout != nil {
		cmd.Stdout = c.stdout
	}
	cmd.WaitDelay = 2 * time.Second
	if c.shape != nil {
		c.shape(cmd)
	}
	began := time.Now()
	must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	r := t.watch(c, cmd.Process, ended, &out)
	r.took = time.Since(began)
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.code, r.state = cmd.ProcessState.ExitCode(), cmd.ProcessState.String()
	r.stdout, r.stderr = out.String(), talk.String()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && usage.Maxrss<<10 > peak(os.Getpid()) {
		r.rss = max(r.rss, usage.Maxrss<<10) // else it may be that of this process
	}
	return r
}

// watch waits for the end of a process, signals it when it is time, and kills it
// when it takes too much.
func (t *trial) watch(c command, p *os.Process, ended <-chan error, out *capped) (r result) {
	limit := c.limit
	if limit == 0 {
		limit = t.limit
	}
	late, signal := time.After(clock*limit), make(<-chan time.Time)
	if c.signal != nil {
		signal = time.After(c.after)
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
				panic(err)
			}
			return r
		case <-signal:
			_ = p.Signal(c.signal) // it may have ended
		case <-late:
			r.late = true
			_ = p.Kill()
		case <-look.C:
			r.rss = max(r.rss, peak(p.Pid))
			r.huge = r.huge || r.rss > killRSS || out.size() > 2*maxOutput
			r.late = r.late || processor(p.Pid) > limit
			if r.huge || r.late {
				_ = p.Kill()
			}
		}
	}
}

// peak is the largest memory that a process has had, where /proc tells.
func peak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return kb << 10
}

// processor is the time that a process has used, where /proc tells.
func processor(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // the name may have blanks
	fields := bytes.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(string(fields[11]))
	system, _ := strconv.Atoi(string(fields[12]))
	return time.Duration(user+system) * 10 * time.Millisecond
}

// capped keeps the beginning of an output.
type capped struct {
	lock sync.Mutex
	b    bytes.Buffer
	n    int
}

var _ io.Writer = (*capped)(nil)

func (c *capped) Write(p []byte) (int, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.n += len(p)
	c.b.Write(p[:min(len(p), max(0, maxOutput-c.b.Len()))])
	return len(p), nil
}

func (c *capped) size() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.n
}

func (c *capped) String() string {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.b.String()
}
