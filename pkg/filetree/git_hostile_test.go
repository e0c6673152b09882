package filetree

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hostileKeys are the keys of git's configuration that name a command. {} is
// the command, which makes a file.
var hostileKeys = []struct {
	name   string
	config []string // key=value
	// runs means that git runs the command where it is not kept from it, as it
	// reads a file of a partial clone.
	runs bool
}{
	{"ext", []string{"remote.origin.url=ext::{}", "protocol.ext.allow=always"}, true},
	{"ext by insteadOf", []string{"remote.origin.url=x:y", "url.ext::{} .insteadOf=x:", "protocol.ext.allow=always"}, true},
	{"protocol.allow", []string{"remote.origin.url=ext::{}", "protocol.allow=always"}, true},
	{"remote.uploadpack", []string{"remote.origin.uploadpack={};false"}, true},
	{"core.sshCommand", []string{"remote.origin.url=ssh://host.invalid/r", "core.sshCommand={};:"}, true},
	{"core.gitProxy", []string{"remote.origin.url=git://host.invalid/r", "core.gitProxy={}"}, true},
	{"credential.helper", []string{"remote.origin.url={http}/r", "credential.helper=!{};:"}, true},
	{"core.askPass", []string{"remote.origin.url={http}/r", "core.askPass={}"}, true},
	{"remote.vcs", []string{"remote.origin.vcs=canary"}, true},
	{"submodule", []string{"submodule.x.update=!{}", "submodule.recurse=true"}, false},
	{"remote.receivepack", []string{"remote.origin.receivepack={}"}, false},
	{"uploadpack.packObjectsHook", []string{"uploadpack.packObjectsHook={}"}, false},
	{"core.fsmonitor", []string{"core.fsmonitor={}"}, false},
	{"core.hooksPath", []string{"core.hooksPath={hooks}"}, false},
	{"core.pager", []string{"core.pager={}", "pager.rev-parse={}", "pager.ls-tree={}", "pager.cat-file={}"}, false},
	{"core.editor", []string{"core.editor={}", "sequence.editor={}"}, false},
	{"core.alternateRefsCommand", []string{"core.alternateRefsCommand={}"}, false},
	{"gpg.program", []string{"gpg.program={}", "gpg.ssh.program={}", "gpg.x509.program={}", "gpg.ssh.defaultKeyCommand={}", "log.showSignature=true"}, false},
	{"diff.external", []string{"diff.external={}", "diff.x.command={}", "diff.x.textconv={}", "interactive.diffFilter={}"}, false},
	{"filter.process", []string{"filter.x.process={}", "filter.x.smudge={}", "filter.x.clean={}"}, false},
	{"merge.driver", []string{"merge.x.driver={}", "mergetool.x.cmd={}", "difftool.x.cmd={}"}, false},
	{"alias", []string{"alias.rev-parse=!{}", "alias.ls-tree=!{}", "alias.cat-file=!{}"}, false},
	{"trailer.command", []string{"trailer.x.command={}", "trailer.x.cmd={}"}, false},
	{"browser and man", []string{"web.browser=x", "browser.x.cmd={}", "man.x.cmd={}", "help.autocorrect=immediate"}, false},
	{"imap and sendemail", []string{"imap.tunnel={}", "sendemail.smtpserver={}", "sendemail.tocmd={}"}, false},
	{"maintenance", []string{"maintenance.auto=true", "gc.auto=1", "gc.recentObjectsHook={}"}, false},
	{"guitool", []string{"guitool.x.cmd={}", "instaweb.httpd={}"}, false},
	{"tar", []string{"tar.x.command={}"}, false},
	{"include", []string{"include.path={include}"}, true},
}

// TestGitRunsNothing: a repository's configuration makes the reader neither run
// a command nor fetch, and what it lacks is an error.
func TestGitRunsNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a POSIX shell")
	}
	asksPassword := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer asksPassword.Close()
	for _, tt := range hostileKeys {
		t.Run(tt.name, func(t *testing.T) {
			h := newHostile(t, asksPassword.URL)
			for _, setting := range tt.config {
				key, value, _ := strings.Cut(setting, "=")
				runGit(t, h.clone, "config", "--replace-all", h.fill(key), h.fill(value))
			}
			if tt.runs {
				_ = exec.Command("git", "-C", h.clone, "cat-file", "blob", h.blob).Run()
				if !h.ran(t) {
					t.Fatal("the command is not run by git itself, so that this proves nothing")
				}
			}
			tree := openGit(t, h.clone, "HEAD")
			_, err := tree.ReadFile("a.yaml")
			if diff := cmp.Diff("read a.yaml: "+errMissing.Error(), errText(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if h.ran(t) {
				t.Error("the command was run")
			}
		})
	}
}

// hostile is a partial clone that lacks its only file, and a command to be run
// by its configuration.
type hostile struct {
	clone, blob, command, canary, url, hooks, include string
}

func newHostile(t *testing.T, url string) hostile {
	t.Helper()
	from, dir := repository(t, map[string]string{"a.yaml": "a"}), t.TempDir()
	h := hostile{
		clone: filepath.Join(dir, "clone"), blob: runGit(t, from, "rev-parse", "HEAD:a.yaml"),
		command: filepath.Join(dir, "bin", "git-remote-canary"), canary: filepath.Join(dir, "canary"), url: url,
		hooks: filepath.Join(dir, "hooks"), include: filepath.Join(dir, "included"),
	}
	runGit(t, from, "config", "uploadpack.allowFilter", "true")
	runGit(t, dir, "clone", "--quiet", "--no-checkout", "--filter=blob:none", "file://"+from, h.clone)
	for _, dir := range []string{filepath.Dir(h.command), h.hooks} {
		must(t, os.Mkdir(dir, 0o700))
	}
	script := []byte("#!/bin/sh\ntouch " + h.canary + "\n")
	must(t, os.WriteFile(h.command, script, 0o700))
	for _, hook := range []string{"post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"} {
		must(t, os.WriteFile(filepath.Join(h.hooks, hook), script, 0o700))
	}
	must(t, os.WriteFile(h.include, []byte("[remote \"origin\"]\n\tuploadpack = "+h.command+"\n"), 0o600))
	t.Setenv("PATH", filepath.Dir(h.command)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return h
}

func (h hostile) fill(text string) string {
	return strings.NewReplacer("{}", h.command, "{http}", h.url, "{hooks}", h.hooks, "{include}", h.include).Replace(text)
}

// ran reports whether the command was run since it was last asked.
func (h hostile) ran(t *testing.T) bool {
	t.Helper()
	err := os.Remove(h.canary)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// TestGitBare: a bare repository that was committed to another is not one.
func TestGitBare(t *testing.T) {
	root := repository(t, map[string]string{"a.yaml": "a"})
	bare := filepath.Join(root, "embedded")
	runGit(t, root, "clone", "--quiet", "--bare", root, bare)
	_, err := Git(t.Context(), bare, "HEAD")
	want := bare + " is in a bare git repository, which may have been committed as plain files of another repository; run this in a work tree, for example one made with git worktree add"
	if diff := cmp.Diff(want, errText(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
