package cmd_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestReadme runs the worked example of the README: its YAML blocks are
// certs.yaml, one after the other, and its console blocks are what a person
// sees who types the commands behind "$ ".
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(filepath.Join("..", "..", "kustomize", "certs.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(receiveRoots(t))
	commands := 0
	for _, block := range fence.FindAllSubmatch(readme, -1) {
		switch language, body := string(block[1]), block[2]; language {
		case "yaml":
			if commands == 0 && !bytes.Equal(body, example) {
				t.Errorf("the first YAML block is not kustomize/certs.yaml:\n%s", cmp.Diff(string(example), string(body)))
			}
			if err := os.WriteFile("certs.yaml", body, 0o644); err != nil {
				t.Fatal(err)
			}
		case "console":
			for _, shown := range strings.Split("\n"+string(body), "\n$ ")[1:] {
				commands++
				line, output, _ := strings.Cut(shown, "\n")
				checkShown(t, line, strings.TrimRight(output, "\n"))
			}
		}
	}
	if commands < 5 {
		t.Errorf("only %d commands found", commands)
	}
}

// receiveRoots returns a folder with the folder corp of the README in it, made
// of samples of the trust commands.
func receiveRoots(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "corp"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, sample := range map[string]string{"old.pem": "soon.pem", "next.cer": "not-yet.pem", "proxy.pem": "base64-lines.txt"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", sample))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "corp", name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func checkShown(t *testing.T, line, want string) {
	t.Helper()
	args := strings.Fields(line)
	if len(args) < 2 || args[0] != "kubectl" || args[1] != "certs" {
		t.Errorf("%q is no command of ours", line)
		return
	}
	var screen bytes.Buffer
	env := iostreams.IO{In: strings.NewReader(""), Out: &screen, Err: &screen}
	cmd.Main(context.Background(), env, "v0.0.0-test", append([]string{"kubectl-certs"}, args[2:]...))
	if diff := cmp.Diff(want, strings.TrimRight(screen.String(), "\n")); diff != "" {
		t.Errorf("%s (-shown +seen):\n%s", line, diff)
	}
}
