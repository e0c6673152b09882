package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// inside is the first process of the namespaces: all others end with it. It
// returns when one of the parts has ended.
func inside(lab string) error {
	if n, _ := os.Stdin.Read(make([]byte, 1)); n == 0 {
		return errors.New("the wire is missing")
	}
	if err := mounts(lab); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(nodeName)); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return err
	}
	if err := configure(); err != nil {
		return err
	}
	running := map[int]string{}
	for _, p := range parts() {
		pid, err := p.start()
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		running[pid] = p.name
		if p.name == "containerd" {
			if err := importImages(); err != nil {
				return err
			}
		}
	}
	return reap(running)
}

// mounts makes all that is written lie in memory, but for the lab's folder.
func mounts(lab string) error {
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"", "/", "", syscall.MS_REC | syscall.MS_PRIVATE},
		{lab, labDir, "", syscall.MS_BIND},
		{"proc", "/proc", "proc", 0},
		{"tmpfs", "/run", "tmpfs", 0},
		{"tmpfs", "/var/lib", "tmpfs", 0},
		{nodeDir + "/log", "/var/log", "", syscall.MS_BIND},
	} {
		if err := syscall.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	return untuned()
}

// untuned shows kubelet the settings of the kernel that it wants: else it would
// set them, for everybody.
func untuned() error {
	for name, value := range map[string]string{
		"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
		"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
	} {
		file := filepath.Join(nodeDir, "sys", filepath.Base(name))
		if err := write(file, value+"\n"); err != nil {
			return err
		}
		if err := syscall.Mount(file, "/proc/sys/"+name, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount over /proc/sys/%s: %w", name, err)
		}
	}
	return nil
}

// importImages waits for containerd and gives it the images.
func importImages() error {
	files, err := filepath.Glob(nodeDir + "/*.tar")
	if err != nil {
		return err
	}
	for _, file := range files {
		var said []byte
		err := errors.New("not tried")
		for deadline := time.Now().Add(time.Minute); err != nil && time.Now().Before(deadline); {
			said, err = exec.Command("ctr", "-n", "k8s.io", "images", "import", file).CombinedOutput()
			if err != nil {
				time.Sleep(50 * time.Millisecond)
			}
		}
		if err != nil {
			return fmt.Errorf("import %s: %w: %s", filepath.Base(file), err, said)
		}
	}
	return nil
}

// reap waits for whatever ends: here that is this process's duty. It returns
// when a part does.
func reap(running map[int]string) error {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		if name, ours := running[pid]; ours {
			return fmt.Errorf("%s ended with status %d; see node/log in the folder of the lab", name, status.ExitStatus())
		}
	}
}
