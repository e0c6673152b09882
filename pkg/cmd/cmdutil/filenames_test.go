package cmdutil

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// TestFilenames: -f may be given several times, and replaces the usual name.
func TestFilenames(t *testing.T) {
	type result struct {
		File             string
		Files            []string
		Named, Recursive bool
		Err              string
	}
	const url = "URLs are not supported; download the file, or clone the repository, and use the copy"
	for _, test := range []struct {
		usual string
		args  []string
		want  result
	}{
		{"certs.yaml", nil, result{File: "certs.yaml"}},
		{"", nil, result{}},
		{"certs.yaml", []string{"-f", "a.yaml"}, result{File: "a.yaml", Files: []string{"a.yaml"}, Named: true}},
		{"certs.yaml", []string{"-f", "certs.yaml"}, result{File: "certs.yaml", Files: []string{"certs.yaml"}, Named: true}},
		{"certs.yaml", []string{"-f", "a", "-R", "--filename=b,c", "-f", "-"}, result{File: "a", Files: []string{"a", "b,c", "-"}, Named: true, Recursive: true}},
		{"certs.yaml", []string{"-f", ""}, result{Err: `invalid argument "" for "-f, --filename" flag: empty file name`}},
		{"certs.yaml", []string{"-f", "a", "-f", "https://example.com/b"}, result{Err: `invalid argument "https://example.com/b" for "-f, --filename" flag: ` + url}},
	} {
		var p ProjectFlags
		cmd := &cobra.Command{Use: "x"}
		p.AddFile(cmd, test.usual, "files")
		p.AddRecursive(cmd)
		if usual := cmd.Flag("filename").DefValue; usual != test.usual {
			t.Errorf("the usual name is %q, want %q", usual, test.usual)
		}
		var got result
		if err := cmd.ParseFlags(test.args); err != nil {
			got.Err = err.Error()
		} else {
			o := p.Options(&Factory{})
			got = result{File: o.File, Files: o.Files, Named: p.Named(), Recursive: o.Recursive}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

// TestProjectOfFile: where another file names the certs.yaml, it is that one.
func TestProjectOfFile(t *testing.T) {
	p := ProjectFlags{File: "shop/certs.yaml"}
	got := p.Options(&Factory{})
	if got.File != "shop/certs.yaml" || got.Named || got.Files != nil {
		t.Errorf("got %+v", project.Options{File: got.File, Named: got.Named, Files: got.Files})
	}
}
