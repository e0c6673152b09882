package labtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Lab is a running lab.
type Lab struct {
	// Dir is where its files are: kubeconfig, logs.
	Dir string
	// Env is how to reach its servers, as lab.env says it.
	Env map[string]string

	t   testing.TB
	bin string
}

// Start starts a lab that ends with the test, and with this process, or skips
// the test where the lab is not built. The arguments are those of "lab up".
func Start(t testing.TB, args ...string) *Lab {
	t.Helper()
	l := &Lab{Dir: t.TempDir(), t: t, bin: binary(t)}
	l.Run(append([]string{"up", "--parent-pid", fmt.Sprint(os.Getpid())}, args...)...)
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := l.command("status").CombinedOutput() // fails if a part does
			t.Logf("the lab:\n%s", out)
		}
		l.Run("down")
	})
	l.Env = readEnv(t, filepath.Join(l.Dir, "lab.env"))
	return l
}

// Run runs a command of the lab, such as "kill pebble".
func (l *Lab) Run(args ...string) {
	l.t.Helper()
	out, err := l.command(args...).CombinedOutput()
	if err != nil {
		l.t.Fatalf("lab %v: %v\n%s", args, err, out)
	}
}

func (l *Lab) command(args ...string) *exec.Cmd {
	return exec.Command(l.bin, append(args, "--dir", l.Dir)...)
}

func binary(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(root(t), ".bin", "lab")
	_, err := os.Stat(bin)
	switch {
	case err == nil:
		return bin
	case os.Getenv("CERTS_REQUIRE_SERVERS") != "":
		t.Fatalf("%v; make lab builds it", err)
	}
	t.Skip("needs real servers: make lab")
	return ""
}

// root is the folder of the module that is tested.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			t.Fatalf("no go.mod above: %v", err)
		}
		dir = filepath.Dir(dir)
	}
}

func readEnv(t testing.TB, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[key] = strings.Trim(value, "'")
	}
	return env
}
