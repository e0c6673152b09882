package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// built is the path of a server's binary, or skips the test where it is not
// built.
func built(t testing.TB, name, how string) string {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join("..", "..", ".bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("CERTS_REQUIRE_SERVERS") != "" {
			t.Fatalf("%v; %s builds it", err, how)
		}
		t.Skipf("needs %s: %s", name, how)
	}
	return bin
}

// startChild starts a server that ends with its standard input, which is when
// the test ends. Of one that failed, the end of the server's log is shown.
func startChild(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	leash, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		leash.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", cmd, err)
		}
		log.Close()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("%s says\n%s", cmd.Path, said[max(0, len(said)-8<<10):])
		}
	})
}

// await waits until a check finds nothing amiss.
func await(t testing.TB, what string, check func() (amiss string)) {
	t.Helper()
	amiss := check()
	for deadline := time.Now().Add(3 * time.Minute); amiss != "" && time.Now().Before(deadline); amiss = check() {
		time.Sleep(100 * time.Millisecond)
	}
	if amiss != "" {
		t.Fatalf("%s: %s", what, amiss)
	}
}
