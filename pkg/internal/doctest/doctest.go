package doctest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const marker = "<!-- From here on written by make golden. -->\n"

// Check fails unless a file of docs ends in a text, behind the line that says so;
// with update it writes the text there instead. The test runs two folders below
// the top.
func Check(t *testing.T, name, text string, update bool) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", name)
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := bytes.Cut(have, []byte(marker))
	if !found {
		t.Fatalf("%s has no line %s", file, marker)
	}
	want := string(head) + marker + text
	if update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s is out of date, run make golden (-want +got):\n%s", file, diff)
	}
}
