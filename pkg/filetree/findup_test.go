package filetree

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFindUp: a file is looked for up to the top of the work tree, and no
// further.
func TestFindUp(t *testing.T) {
	top := t.TempDir()
	for _, dir := range []string{"repo/.git", "repo/a/b", "plain/a"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"outside.yaml", "repo/certs.yaml", "repo/a/near.yaml", "plain/certs.yaml"} {
		if err := os.WriteFile(filepath.Join(top, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ dir, name, want string }{
		{"repo", "certs.yaml", "certs.yaml"},
		{"repo/a", "certs.yaml", "../certs.yaml"},
		{"repo/a/b", "certs.yaml", "../../certs.yaml"},
		{"repo/a/b", "near.yaml", "../near.yaml"},
		{"repo/a", "near.yaml", "near.yaml"},
		{"repo/a", "outside.yaml", "outside.yaml"},
		{"repo/a", "nothing.yaml", "nothing.yaml"},
		{"plain/a", "certs.yaml", "certs.yaml"},
		{"plain", "certs.yaml", "certs.yaml"},
	} {
		t.Chdir(filepath.Join(top, tt.dir))
		if got := FindUp(tt.name); got != filepath.FromSlash(tt.want) {
			t.Errorf("%s in %s is %s, want %s", tt.name, tt.dir, got, tt.want)
		}
	}
}
