package output

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestFileReplacesAFileOrWritesToStdout(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("dir", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"new", "new", "dir/new", filepath.Join(t.TempDir(), "new")} {
		var stdout bytes.Buffer
		file := File{name}
		if err := file.Write(&stdout, []byte(name)); err != nil || stdout.Len() > 0 {
			t.Errorf("%s: %v, stdout %q", name, err, stdout.String())
		}
		if data, err := os.ReadFile(name); string(data) != name || err != nil {
			t.Errorf("%s: has %q, %v", name, data, err)
		}
	}
	var stdout bytes.Buffer
	if err := new(File).Write(&stdout, []byte("x")); err != nil || stdout.String() != "x" {
		t.Errorf("no file: %v, stdout %q", err, stdout.String())
	}
}

func TestFileRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("dir", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"dir":         "--output-file dir: dir is not a regular file",
		"nowhere/new": "--output-file nowhere/new: open nowhere: no such file or directory",
	} {
		file := File{name}
		if err := file.Write(&bytes.Buffer{}, nil); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", name, err, want)
		}
	}
	for name, want := range map[string]string{
		"-":    "--output-file -: leave it out to write to stdout",
		"dir/": `--output-file "dir/": must be a file`,
	} {
		file := File{name}
		if err := file.Validate(); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", name, err, want)
		}
	}
}
