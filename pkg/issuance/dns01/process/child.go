package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// child is a child process. It is not used after its first fault.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Closer
	stderr stderrLog
	grace  time.Duration // time to answer a cancel, and to end

	lines chan []byte   // to be written
	done  chan struct{} // closed when the process has ended and err is set
	err   error

	mu    sync.Mutex
	fault error // why this process stopped the child, nil if it did not
	last  uint64
	calls map[uint64]chan Response
}

// start starts a child process. Its error, at any time, is the error of all calls in progress
// and later.
func start(path string, args []string, grace time.Duration) (*child, error) {
	c := &child{
		cmd: exec.Command(path, args...), grace: grace,
		lines: make(chan []byte), done: make(chan struct{}), calls: map[uint64]chan Response{},
	}
	c.cmd.Env = environment(os.Environ())
	c.cmd.SysProcAttr = attributes
	c.cmd.Stderr = &c.stderr
	c.cmd.WaitDelay = grace
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.stdin, c.stdout = stdin, stdout
	go c.write()
	go c.watch(stdout)
	return c, nil
}

// write is a separate goroutine because it blocks if the child does not read.
func (c *child) write() {
	for {
		select {
		case line := <-c.lines:
			if _, err := c.stdin.Write(line); err != nil {
				return // the child has ended, or is about to
			}
		case <-c.done:
			return
		}
	}
}

// watch distributes answers until the child ends. It stops the child after an invalid line.
func (c *child) watch(stdout io.Reader) {
	err := c.receive(NewReader(stdout))
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		stop := time.AfterFunc(c.grace, func() { c.stop(errors.New("closed its output")) })
		defer stop.Stop()
	} else {
		c.stop(fmt.Errorf("wrote %v", err)) // not %w: ErrTooLong is for requests
	}
	err = c.cmd.Wait()
	c.stdin.Close()
	c.mu.Lock()
	c.err = c.fault
	c.mu.Unlock()
	if c.err == nil {
		c.err = c.ended(err)
	}
	close(c.done)
}

func (c *child) receive(r *Reader) error {
	for {
		var answer Response
		if err := r.Read(&answer); err != nil {
			return err
		}
		c.mu.Lock()
		call := c.calls[answer.ID]
		delete(c.calls, answer.ID)
		c.mu.Unlock()
		if call == nil {
			return errors.New("an answer without a request")
		}
		call <- answer
	}
}

// ended returns how the child ended by itself.
func (c *child) ended(err error) error {
	how := "exit status 0"
	if err != nil {
		how = err.Error()
	}
	if said := c.stderr.lastReason(); said != "" {
		how += ": " + said
	}
	return errors.New("ended: " + how)
}

// stop kills the child. The first reason is the error of its calls.
func (c *child) stop(why error) {
	c.mu.Lock()
	if c.fault == nil {
		c.fault = why
	}
	c.mu.Unlock()
	_ = c.cmd.Process.Kill() // fails only if it has ended
	c.stdout.Close()         // a program that it started may hold the other end
}

// close lets the child end, and stops it if it does not.
func (c *child) close() {
	c.stdin.Close()
	select {
	case <-c.done:
	case <-time.After(c.grace):
		c.stop(errors.New("did not end"))
		<-c.done
	}
}

func (c *child) alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// call sends a request and waits for its answer. When the context ends, it cancels the request;
// a child that does not answer the cancel is stopped.
func (c *child) call(ctx context.Context, r Request) (Response, error) {
	if ctx.Err() != nil {
		return Response{}, context.Cause(ctx)
	}
	answer := make(chan Response, 1)
	c.mu.Lock()
	c.last++
	r.ID = c.last
	c.calls[r.ID] = answer
	c.mu.Unlock()
	line, err := encode(r)
	if err != nil {
		return Response{}, c.drop(r.ID, err)
	}
	select {
	case c.lines <- line:
	case <-c.done:
		return Response{}, c.err
	case <-ctx.Done(): // a child that does not read is stopped by the call whose request it does not read
		return Response{}, c.drop(r.ID, context.Cause(ctx))
	}
	select {
	case got := <-answer:
		return got, nil
	case <-c.done:
		return c.lastAnswer(answer)
	case <-ctx.Done():
		return c.cancel(ctx, r, answer)
	}
}

// drop forgets a request that was not sent.
func (c *child) drop(id uint64, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, id)
	return err
}

// lastAnswer returns an answer from before the child ended, or why it ended.
func (c *child) lastAnswer(answer chan Response) (Response, error) {
	select {
	case got := <-answer:
		return got, nil
	default:
		return Response{}, c.err
	}
}

func (c *child) cancel(ctx context.Context, r Request, answer chan Response) (Response, error) {
	line, err := encode(Request{ID: r.ID, Method: Cancel})
	if err != nil {
		return Response{}, err
	}
	limit := time.NewTimer(c.grace)
	defer limit.Stop()
	lines := c.lines
	for {
		select {
		case lines <- line:
			lines = nil // once
		case got := <-answer:
			if got.Error == "" {
				return got, nil // it was completed anyway
			}
			return Response{}, context.Cause(ctx)
		case <-c.done:
			return Response{}, context.Cause(ctx)
		case <-limit.C:
			return Response{}, c.giveUp(ctx, r.Method)
		}
	}
}

// giveUp stops a child that does not answer.
func (c *child) giveUp(ctx context.Context, method string) error {
	c.stop(fmt.Errorf("was stopped: no answer to %s", method))
	<-c.done
	return fmt.Errorf("its process did not answer %s and was stopped: %w", method, context.Cause(ctx))
}
