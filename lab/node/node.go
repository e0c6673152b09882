package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// node is a process in namespaces of its own.
type node struct {
	cmd   *exec.Cmd
	leash *os.File
	ended chan struct{}
}

// start starts this program inside. The kernel kills it with us, and with it
// all that is inside.
func start(lab string) (*node, error) {
	stdin, leash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	n := &node{cmd: exec.Command("/proc/self/exe", "inside", lab), leash: leash, ended: make(chan struct{})}
	n.cmd.Stdin, n.cmd.Stdout, n.cmd.Stderr = stdin, os.Stderr, os.Stderr
	n.cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid: true, Pdeathsig: syscall.SIGKILL,
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the death signal is sent when this thread ends
		err := n.cmd.Start()
		started <- err
		if err == nil {
			_ = n.cmd.Wait() // ProcessState says it too
			close(n.ended)
		}
	}()
	return n, <-started
}

// serve connects the node to the lab and waits for its end, or that of the
// context.
func (n *node) serve(ctx context.Context, config *rest.Config) (err error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := leave(ctx, client); err != nil { // as one that was killed could not
		return err
	}
	server, err := url.Parse(config.Host)
	if err != nil {
		return err
	}
	if err := n.connect(server); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		<-n.ended
		stop(fmt.Errorf("the node ended: %s", n.cmd.ProcessState))
	}()
	defer func() { err = errors.Join(err, leave(context.WithoutCancel(ctx), client)) }()
	if err := join(ctx, client, server.Port()); err != nil {
		return cause(ctx, err)
	}
	fmt.Println("ready")
	<-ctx.Done()
	return cause(ctx, nil)
}

// cause is why a context ended: nil if that was intended.
func cause(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if why := context.Cause(ctx); why != ctx.Err() {
		return why
	}
	return nil
}

// connect gives the node its network, and a way to the API server at the same
// address as here; pods, which cannot use that, have it at the node's.
func (n *node) connect(server *url.URL) error {
	pid := n.cmd.Process.Pid
	if err := layWire(pid); err != nil {
		return err
	}
	for _, ip := range []string{"127.0.0.1", nodeIP} {
		listener, err := listenIn(pid, net.JoinHostPort(ip, server.Port()))
		if err != nil {
			return err
		}
		go forward(listener, server.Host)
	}
	_, err := n.leash.Write([]byte{1}) // inside, it can go on
	return err
}

func (n *node) end() {
	_ = n.cmd.Process.Kill() // unless it has ended
	<-n.ended
	n.leash.Close()
}
