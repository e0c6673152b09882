package cmd

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
)

var update = flag.Bool("update", false, "rewrite the help of all commands in testdata/help.txtar")

// TestGoldenHelp: the help of each command, and what options prints, are those
// that were read.
func TestGoldenHelp(t *testing.T) {
	t.Setenv("KUBECACHEDIR", "/home/user/.kube/cache") // a default that options shows
	root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
	root.InitDefaultHelpCmd()
	var got txtar.Archive
	for _, cmd := range append(commandsBelow(root), root) {
		got.Files = append(got.Files, txtar.File{Name: cmd.CommandPath() + " --help", Data: []byte(helpOf(cmd))})
	}
	var options strings.Builder
	if err := help.WriteOptions(&options, root); err != nil {
		t.Fatal(err)
	}
	got.Files = append(got.Files, txtar.File{Name: "kubectl certs options", Data: []byte(options.String())})
	file := filepath.Join("..", "..", "testdata", "help.txtar")
	if *update {
		if err := os.WriteFile(file, txtar.Format(&got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(&got))); diff != "" {
		t.Errorf("read the difference, then run go test -tags slim ./pkg/cmd -run GoldenHelp -update (-want +got):\n%s", diff)
	}
}
