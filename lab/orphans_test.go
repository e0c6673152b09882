package lab_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// TestNoOrphans ends labs in every way they can end; nothing may be left.
func TestNoOrphans(t *testing.T) {
	t.Run("down", func(t *testing.T) {
		dir := t.TempDir()
		up(t, dir)
		if got := len(processes(t, dir)); got != 5 {
			t.Errorf("%d processes, want a supervisor and four parts", got)
		}
		must(t, dir, "down")
		if left := processes(t, dir); len(left) != 0 {
			t.Errorf("down came back too early: %v", left)
		}
	})
	t.Run("part, its pipe closed", func(t *testing.T) { // what does it where the kernel does not
		dir := t.TempDir()
		up(t, dir)
		must(t, dir, "down")
		for _, part := range lab.Parts() {
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
			defer stop()
			cmd := exec.CommandContext(ctx, binary(t), "part", part, "--dir", dir)
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			stdin.Close()
			cmd.Wait()
			if ctx.Err() != nil {
				t.Errorf("%s went on", part)
			}
		}
		vanish(t, dir)
	})
	t.Run("supervisor killed", func(t *testing.T) {
		dir := t.TempDir()
		up(t, dir)
		killOne(t, dir, "supervise")
		vanish(t, dir)
		up(t, dir) // and nothing is in the way of the next
	})
	t.Run("supervisor stopped by SIGTERM", func(t *testing.T) {
		dir := t.TempDir()
		up(t, dir)
		signal(t, dir, "supervise", syscall.SIGTERM)
		vanish(t, dir)
	})
	t.Run("parent killed", func(t *testing.T) {
		dir := t.TempDir()
		sh := exec.Command("sh", "-c", `"$0" up --dir "$1" --parent-pid $$ && echo ready && sleep 600`, binary(t), dir)
		startUntilReady(t, sh)
		sh.Process.Kill()
		sh.Wait()
		vanish(t, dir)
	})
	t.Run("up killed before it is ready", func(t *testing.T) {
		dir := t.TempDir()
		cmd := exec.Command(binary(t), "up", "--dir", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(10 * time.Second); len(processes(t, dir)) < 6 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
		cmd.Process.Kill()
		cmd.Wait()
		vanish(t, dir)
	})
	t.Run("foreground, input closed", func(t *testing.T) {
		dir := t.TempDir()
		cmd := exec.Command(binary(t), "up", "--dir", dir, "--foreground")
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		startUntilReady(t, cmd)
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		vanish(t, dir)
	})
	t.Run("foreground, interrupted", func(t *testing.T) { foreground(t, os.Interrupt) })
	t.Run("foreground, killed", func(t *testing.T) { foreground(t, os.Kill) })
	t.Run("foreground, down", func(t *testing.T) {
		dir := t.TempDir()
		cmd := exec.Command(binary(t), "up", "--dir", dir, "--foreground")
		startUntilReady(t, cmd)
		must(t, dir, "down")
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		vanish(t, dir)
	})
}

// TestProcessEndsWithItsParent: a program ends with its leash, whichever way that ends; and when it
// ends by itself, that is reported.
func TestProcessEndsWithItsParent(t *testing.T) {
	for name, end := range map[string]func(cmd *exec.Cmd, stdin io.Closer){
		"input closed": func(_ *exec.Cmd, stdin io.Closer) { stdin.Close() },
		"stopped":      func(cmd *exec.Cmd, _ io.Closer) { cmd.Process.Signal(syscall.SIGTERM) },
		"killed":       func(cmd *exec.Cmd, _ io.Closer) { cmd.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(binary(t), "leash", "sh", "-c", "echo up; while :; do sleep 1; done", dir)
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			startUntil(t, cmd, "up")
			if got := len(processes(t, dir)); got != 2 {
				t.Errorf("%d processes, want a leash and a program", got)
			}
			end(cmd, stdin)
			if err := cmd.Wait(); err != nil && name != "killed" {
				t.Error(err)
			}
			vanish(t, dir)
		})
	}
	out, err := exec.Command(binary(t), "leash", "sh", "-c", "exit 3").CombinedOutput()
	if err == nil || string(out) != "error: exit status 3\n" {
		t.Errorf("of a program that fails it says %q, %v", out, err)
	}
}

func foreground(t *testing.T, end os.Signal) {
	dir := t.TempDir()
	cmd := exec.Command(binary(t), "up", "--dir", dir, "--foreground")
	startUntilReady(t, cmd)
	if err := cmd.Process.Signal(end); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); end == os.Interrupt && err != nil {
		t.Error(err)
	}
	vanish(t, dir)
}

// startUntilReady returns when the last line of lab.env was printed.
func startUntilReady(t *testing.T, cmd *exec.Cmd) { t.Helper(); startUntil(t, cmd, "TSIG_SECRET=") }

// startUntil returns when a line was printed that starts so.
func startUntil(t *testing.T, cmd *exec.Cmd, line string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), line) {
			return
		}
	}
	t.Fatal("it never got ready")
}

func killOne(t *testing.T, dir, what string) { t.Helper(); signal(t, dir, what, syscall.SIGKILL) }

func signal(t *testing.T, dir, what string, s syscall.Signal) {
	t.Helper()
	for pid, args := range processes(t, dir) {
		if strings.Contains(args, " "+what+" ") {
			if err := syscall.Kill(pid, s); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("no process %s", what)
}

// testLoopback: no part listens on an address that others can reach.
func testLoopback(t *testing.T, dir string) {
	listening := sockets(t)
	ours := 0
	for pid := range maps.Keys(processes(t, dir)) {
		fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, fd := range fds {
			link, _ := os.Readlink(fd)
			addr, ok := listening[link]
			if !ok {
				continue
			}
			ours++
			if !addr.IsLoopback() {
				t.Errorf("process %d listens on %s", pid, addr)
			}
		}
	}
	if ours != 9 {
		t.Errorf("%d listening sockets, want 9", ours)
	}
}

// sockets are the addresses of those that listen, by what a descriptor's link
// says.
func sockets(t *testing.T) map[string]netip.Addr {
	t.Helper()
	found := map[string]netip.Addr{}
	for file, state := range map[string]string{"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"} {
		text, err := os.ReadFile("/proc/net/" + file)
		if err != nil {
			t.Skip(err)
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != state {
				continue
			}
			host, _, _ := strings.Cut(f[1], ":")
			found["socket:["+f[9]+"]"] = address(t, host)
		}
	}
	return found
}

// address reads the kernel's form: words of four bytes, each the wrong way
// round.
func address(t *testing.T, host string) netip.Addr {
	t.Helper()
	var b []byte
	if _, err := fmt.Sscanf(host, "%x", &b); err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr.Unmap()
}
