package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
)

type options struct {
	lab      string
	programs map[string]string // by the name of the image
}

func (o options) addImage(text string) error {
	name, file, ok := strings.Cut(text, "=")
	if !ok {
		return errors.New("write NAME=FILE")
	}
	o.programs[name] = file
	return nil
}

// outside runs the node until the context ends, and puts everything back.
func outside(ctx context.Context, o options) error {
	if err := missing(); err != nil {
		return err
	}
	if _, err := net.InterfaceByName(wire); err == nil {
		return errors.New("another node runs on this machine")
	}
	lab, err := filepath.Abs(o.lab)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(lab, "kubeconfig"))
	if err != nil {
		return err
	}
	if err := o.stage(filepath.Join(lab, "node")); err != nil {
		return err
	}
	if err := makeCgroups(); err != nil {
		return err
	}
	defer removeCgroups()
	n, err := start(lab)
	if err != nil {
		return err
	}
	defer n.end()
	return n.serve(ctx, config)
}

// missing tells what the system lacks.
func missing() error {
	if os.Geteuid() != 0 {
		return errors.New("a node needs root")
	}
	for _, program := range []string{"containerd", "ctr", "runc", "iptables", "mount"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%w; Debian has it in containerd, runc, iptables or mount", err)
		}
	}
	_, err := pluginDir()
	return err
}

// stage makes the node's folder anew, with the images in it.
func (o options) stage(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o.programs["pause"] = filepath.Join(filepath.Dir(self), "lab-pause")
	for name, program := range o.programs {
		if err := writeImage(filepath.Join(dir, name+".tar"), name, program); err != nil {
			return fmt.Errorf("image %s: %w", name, err)
		}
	}
	return nil
}
