package filetree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestCheckName(t *testing.T) {
	const url = "URLs are not supported; download the file, or clone the repository, and use the copy"
	for name, want := range map[string]string{
		"certs.yaml": "", "-": "", "git:HEAD": "", "httpd.yaml": "", "a folder/": "",
		"":                     "empty file name",
		"http://example.com/a": url,
		"HTTPS://example.com":  url,
	} {
		got := ""
		if err := CheckName(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestNameErrors: what the user names and cannot be read is reported under that
// name, and not as a system call.
func TestNameErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	const url = "https://example.com/a: URLs are not supported; download the file, or clone the repository, and use the copy"
	for name, want := range map[string]struct{ file, folder string }{
		"gone":                  {"gone: no such file or folder", "gone: no such file or folder"},
		"file/below":            {"file/below: no such file or folder", "file/below: no such file or folder"},
		"folder":                {"folder: is a folder; a file is needed", ""},
		"https://example.com/a": {url, url},
		"file":                  {},
	} {
		_, errFile := ReadFile(filepath.FromSlash(name))
		_, _, errFolder := Open(filepath.FromSlash(name))
		for _, tt := range []struct {
			err  error
			want string
		}{{errFile, want.file}, {errFolder, want.folder}} {
			got := ""
			if tt.err != nil {
				got = filepath.ToSlash(tt.err.Error())
			}
			if got != tt.want {
				t.Errorf("%s: got  %s\nwant %s", name, got, tt.want)
			}
			if _, missing := errors.AsType[*MissingError](tt.err); missing != errors.Is(tt.err, fs.ErrNotExist) {
				t.Errorf("%s: %v is not fs.ErrNotExist", name, tt.err)
			}
		}
	}
}
