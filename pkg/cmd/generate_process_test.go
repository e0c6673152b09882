package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
)

// hostsSpec is a certs.yaml of many hosts, each of which becomes a file.
func hostsSpec(prefix string, n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers: [{name: " + prefix + "-ca, ca: {secretName: ca}}]\nexpose:\n")
	for i := range n {
		fmt.Fprintf(&b, "- {name: %[1]s-%[2]d, namespace: %[1]s, host: %[1]s-%[2]d.example.com, as: Ingress, className: nginx, issuer: %[1]s-ca, routes: [{path: /, service: web, port: 80}]}\n", prefix, i)
	}
	return b.String()
}

// filesOf returns the files at and below a folder with their contents. Files
// may come and go meanwhile.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
			return nil
		}
		data, readErr := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		if !errors.Is(readErr, fs.ErrNotExist) {
			files[filepath.ToSlash(rel)] = string(data)
			err = errors.Join(err, readErr)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// generated is the tree that a certs.yaml becomes in a new folder.
func generated(t *testing.T, spec string) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	if text, err := exec.Command("kubectl-certs", "generate", "-f", spec, "-d", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return filesOf(t, dir)
}

// TestGenerateTogether runs several processes in one tree, of two files. What
// remains is the tree of one of them.
func TestGenerateTogether(t *testing.T) {
	root := t.TempDir()
	var specs []string
	var wants []map[string]string
	for _, prefix := range []string{"one", "two"} {
		spec := filepath.Join(root, prefix+".yaml")
		write(t, spec, hostsSpec(prefix, 30))
		specs, wants = append(specs, spec), append(wants, generated(t, spec))
	}
	for round := range 3 {
		dir := filepath.Join(root, fmt.Sprint("tree-", round), "tree")
		runs, texts := make([]*exec.Cmd, 6), make([]bytes.Buffer, 6)
		for i := range runs {
			runs[i] = exec.Command("kubectl-certs", "generate", "-f", specs[i%2], "-d", dir)
			runs[i].Stderr = &texts[i]
			if err := runs[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		for i, run := range runs {
			if err := run.Wait(); err != nil && !(run.ProcessState.ExitCode() == 2 && strings.Contains(texts[i].String(), "another process is writing to it")) {
				t.Errorf("run %d: %v\n%s", i, err, &texts[i])
			}
		}
		got := filesOf(t, dir)
		one, two := cmp.Diff(wants[0], got), cmp.Diff(wants[1], got)
		if one != "" && two != "" {
			t.Errorf("round %d: the tree is neither of the two; from the first (-want +got):\n%s", round, one)
		}
	}
}

// TestGenerateKilled kills a process while temporary files are there. The next
// one leaves the same tree as in a new folder, and no file of a user is gone.
func TestGenerateKilled(t *testing.T) {
	root := t.TempDir()
	spec := filepath.Join(root, "certs.yaml")
	write(t, spec, hostsSpec("one", 60))
	want := generated(t, spec)
	const mine = "base/apps/.kubectl-certs-notes"
	want[mine] = "mine"
	for round := range 3 {
		dir := filepath.Join(root, fmt.Sprint("tree-", round))
		if err := os.MkdirAll(filepath.Join(dir, "base/apps"), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, mine), "mine")
		killed := killWhenStaged(t, dir, "generate", "-f", spec, "-d", dir)
		if killed == 0 {
			t.Fatal("no process was killed while it wrote")
		}
		text, err := exec.Command("kubectl-certs", "generate", "-f", spec, "-d", dir).CombinedOutput()
		if err != nil || !strings.Contains(string(text), "temporary file") {
			t.Errorf("the next run: %v\n%s", err, text)
		}
		if diff := cmp.Diff(want, filesOf(t, dir)); diff != "" {
			t.Errorf("round %d, after a kill with %d temporary files (-want +got):\n%s", round, killed, diff)
		}
	}
}

// killWhenStaged runs a command, kills it as soon as it has temporary files in
// dir, and returns how many are left.
func killWhenStaged(t *testing.T, dir string, args ...string) (left int) {
	t.Helper()
	temps := func() (n int) {
		for name := range filesOf(t, dir) {
			if base := filepath.Base(name); strings.HasPrefix(base, ".kubectl-certs-") && base != ".kubectl-certs-notes" {
				n++
			}
		}
		return n
	}
	run := exec.Command("kubectl-certs", args...)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	for {
		select {
		case err := <-ended:
			t.Fatalf("ended before it was killed: %v", err)
		default:
		}
		if temps() > 3 {
			_ = run.Process.Kill()
			<-ended
			return temps()
		}
	}
}

// TestGenerateWaits: a process that finds the tree locked says so, waits, and
// is refused in the end.
func TestGenerateWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "certs.yaml"), hostsSpec("one", 1))
	held, err := filetree.Acquire(t.Context(), dir, func() {})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("kubectl-certs", "generate")
	run.Dir = dir
	text, err := run.CombinedOutput()
	want := "waiting for another process that writes to .\n" +
		"error: lock .: another process is writing to it\n" +
		"hint: run the command again when the other process has ended\n"
	if run.ProcessState.ExitCode() != 2 || string(text) != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, string(text)))
	}
	for _, flag := range []string{"--check", "--dry-run", "-oyaml"} { // these only read
		run := exec.Command("kubectl-certs", "generate", flag)
		run.Dir = dir
		if text, _ := run.CombinedOutput(); strings.Contains(string(text), "waiting") {
			t.Errorf("%s waits:\n%s", flag, text)
		}
	}
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	run = exec.Command("kubectl-certs", "generate")
	run.Dir = dir
	if text, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
