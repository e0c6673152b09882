package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// tryHomes writes to full disks and into folders that cannot hold a tree.
func tryHomes(t *trial) {
	switch t.index % 4 {
	case 0:
		t.fullDisk()
	case 1:
		t.fullPipe()
	case 2:
		t.oddFolder()
	default:
		t.rootFolder()
	}
}

var warned sync.Map

// skip says once why cases of a kind cannot be tried.
func skip(why string, err error) {
	if _, said := warned.LoadOrStore(why, true); !said {
		fmt.Printf("skipped: %s: %v\n", why, err)
	}
}

// fullDisk generates in a file system with little space, or few files.
func (t *trial) fullDisk() {
	disk := filepath.Join(t.dir, "disk")
	must(os.MkdirAll(disk, 0o755))
	option := fmt.Sprintf("size=%dk", 4*(1+t.IntN(60)))
	if t.IntN(3) == 0 {
		option = fmt.Sprintf("nr_inodes=%d", 2+t.IntN(60))
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", option, "torture", disk).CombinedOutput(); err != nil {
		skip("a full disk needs the right to mount", fmt.Errorf("%w: %s", err, out))
		t.exec("version")
		return
	}
	defer func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.fail("harness", "umount %s: %s", disk, out)
		}
	}()
	hosts := 1 + t.IntN(30)
	t.write("certs.yaml", project(hosts, "old"))
	t.run(command{args: []string{"generate", "-d", "disk"}, writes: true})
	before := t.files("disk")
	t.write("new.yaml", project(hosts+t.IntN(20), "new"))
	r := t.run(command{args: []string{"generate", "-f", "new.yaml", "-d", "disk"}, writes: true})
	if after := t.files("disk"); r.code == 2 && !maps.EqualFunc(before, after, func(a, b []byte) bool { return string(a) == string(b) }) {
		t.fail("generate on a full disk changes the tree", "%s: %d files before, %d after\n%s", option, len(before), len(after), short(r.stderr))
	}
	if r.code == 1 {
		t.fail("generate on a full disk exits 1", "%s\n%s%s", option, short(r.stdout), short(r.stderr))
	}
}

// fullPipe writes the output of a command to a disk that is full.
func (t *trial) fullPipe() {
	t.write("certs.yaml", project(3, "s"))
	t.write("a.yaml", pick(t.Rand, t.corpus.documents).text)
	t.write("ca.pem", string(t.corpus.trust["two.pem"]))
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		skip("a full disk needs /dev/full", err)
		return
	}
	defer full.Close()
	for _, args := range [][]string{
		{"generate", "-o", "yaml"}, {"diff"}, {"trust", "bundle", "ca.pem"}, {"trust", "inspect", "ca.pem"}, {"trust", "inspect", "ca.pem", "-o", "json"}, {"schema"}, {"lint", "--explain", "all"}, {"completion", "bash"}, {"version"}, {"options"},
		{"trust", "aks", "nodepool-add", "-g", "a", "--name", "b", "--nodepool", "c"}, {"generate", "--dry-run"}, {"--help"},
	} {
		if r := t.run(command{args: args, stdout: full}); r.code != 2 && r.code >= 0 {
			t.fail("a write that fails is not reported", "%s: exit %d\n%s", strings.Join(args, " "), r.code, short(r.stderr))
		}
	}
}

// oddFolder generates into folders of other kinds.
func (t *trial) oddFolder() {
	t.write("certs.yaml", project(1+t.IntN(5), "s"))
	must(os.WriteFile(filepath.Join(t.home, ".profile"), []byte("mine"), 0o600))
	must(os.MkdirAll(filepath.Join(t.home, "base", "apps"), 0o755))
	must(os.WriteFile(filepath.Join(t.home, "base", "apps", "mine.yaml"), []byte("mine"), 0o600))
	outside := filepath.Join(t.top, "outside")
	must(os.MkdirAll(outside, 0o755))
	t.write("file", "mine")
	must(os.MkdirAll(filepath.Join(t.dir, "linked"), 0o755))
	for _, link := range [][2]string{{"nowhere", "dangling"}, {outside, "linked/base"}, {"loop", "loop"}, {outside, "out-link"}} {
		must(os.Symlink(link[0], filepath.Join(t.dir, link[1])))
	}
	for _, folder := range []string{"file", "file/x", "dangling", "loop", "linked", "\x01", strings.Repeat("x", 300), strings.Repeat("d/", 900), "/dev/null", "/proc/self", ""} {
		if r := t.run(command{args: []string{"generate", "-d", folder}, writes: true}); strings.Contains(r.stderr, "waiting for another process") {
			t.fail("waits although nothing else runs", "%s\n%s", folder, short(r.stderr))
		}
	}
	// What a link on the command line leads to was meant; a person's files stay.
	t.run(command{args: []string{"generate", "-d", "out-link"}, writes: true, spare: func(name string) bool { return strings.HasPrefix(name, "outside") }})
	t.run(command{args: []string{"generate", "-d", t.home}, writes: true, spare: func(name string) bool {
		return name != "home/.profile" && name != "home/base/apps/mine.yaml"
	}})
	t.readOnly()
}

// readOnly generates into a folder that belongs to another user.
func (t *trial) readOnly() {
	locked := filepath.Join(t.dir, "locked")
	must(os.MkdirAll(locked, 0o755))
	must(os.Chmod(locked, 0o555))
	shape := func(*exec.Cmd) {}
	if os.Getuid() == 0 {
		shape = func(cmd *exec.Cmd) {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
	}
	r := t.run(command{args: []string{"generate", "-d", "locked"}, shape: shape})
	if r.code != 2 {
		t.fail("a folder that cannot be written is not reported", "exit %d\n%s%s", r.code, short(r.stdout), short(r.stderr))
	}
}

// rootFolder generates into / of a file system of the case's own.
func (t *trial) rootFolder() {
	if os.Getuid() != 0 {
		skip("a root folder needs root", os.ErrPermission)
		t.exec("version")
		return
	}
	t.write("certs.yaml", project(1+t.IntN(5), "s"))
	t.write("etc/passwd", "mine")
	for _, dir := range []string{"tmp", "root"} {
		must(os.MkdirAll(filepath.Join(t.dir, dir), 0o755))
	}
	program := filepath.Join(t.dir, "kubectl-certs")
	if err := os.Link(t.bin, program); err != nil {
		skip("a root folder needs the binary on the same disk", err)
		return
	}
	defer os.Remove(program)
	for _, args := range [][]string{{"generate", "-d", "/"}, {"generate"}, {"generate", "--check"}, {"generate", "-d", "/root"}, {"lint", "/"}, {"trust", "inspect", "/"}, {"diff", "/", "/etc"}} {
		t.run(command{args: args, writes: true, env: []string{"HOME=/root", "TMPDIR=/tmp"}, shape: func(cmd *exec.Cmd) {
			cmd.Path, cmd.Dir = "/kubectl-certs", "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: t.dir}
		}})
	}
	entries, err := os.ReadDir(t.dir)
	must(err)
	for _, entry := range entries {
		if !slices.Contains([]string{"base", "overlays", "certs.yaml", "etc", "tmp", "root", "kubectl-certs"}, entry.Name()) {
			t.fail("unexpected file in the root folder", "%s", entry.Name())
		}
	}
}
