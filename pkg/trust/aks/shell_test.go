package aks

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fake prints its name and arguments, each in brackets, and what it reads. It
// answers the one question whose answer is kept.
const fake = `#!/bin/sh
case "$*" in *"--query id"*) echo /subscriptions/1/agentPools/np1;; esac
{ printf '[%s]' "${0##*/}" "$@"; echo; } >&2
case "$*" in *"--filename -"*) cat >&2;; esac
`

func nasty(a Action, retired bool) Request {
	return Request{
		Action: a, ResourceGroup: "rg (test)", Name: "corp_cluster-1", Nodepool: "np1",
		File:         `it's "my" $(touch pwned) roots;&|*?~#!.pem`,
		Certificates: []string{"one\n", "two\n"},
		Extra:        []string{"--tags", "a=b c", "--location", "=west"},
		Preview:      retired,
	}
}

// TestShell runs every script that is written, with programs that print what
// they are called with: it must be the arguments, byte for byte.
func TestShell(t *testing.T) {
	for _, shell := range []string{"sh", "bash", "dash", "zsh"} {
		for _, action := range Actions {
			for _, retired := range []bool{false, true} {
				r := nasty(action, retired)
				steps := Today(r)
				if retired {
					steps = Preview(r)
				}
				t.Run(fmt.Sprintf("%s %s %v", shell, action, retired), func(t *testing.T) {
					if diff := cmp.Diff(expected(steps), execute(t, shell, Shell(steps))); diff != "" {
						t.Errorf("(-want +got):\n%s\nof\n%s", diff, Shell(steps))
					}
				})
			}
		}
	}
}

func expected(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		for _, word := range s.Argv {
			fmt.Fprintf(&b, "[%s]", strings.ReplaceAll(word, poolID, "/subscriptions/1/agentPools/np1"))
		}
		b.WriteString("\n" + s.Stdin)
	}
	return b.String()
}

func execute(t *testing.T, shell, script string) string {
	t.Helper()
	path, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("%s is not installed", shell)
	}
	bin, work := t.TempDir(), t.TempDir()
	for _, name := range []string{"az", "kubectl"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(fake), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), path)
	cmd.Dir, cmd.Stdin = work, strings.NewReader(script)
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if left, _ := os.ReadDir(work); len(left) > 0 {
		t.Errorf("the script made files: %v", left)
	}
	return string(out)
}

// TestCommentsAreShellSafe holds comments to words that no shell makes anything of, even one
// that takes no comments when it is typed to, as zsh does not.
func TestCommentsAreShellSafe(t *testing.T) {
	plain := regexp.MustCompile(`^[A-Za-z0-9 ,:.-]+$`)
	for _, action := range Actions {
		for _, s := range append(Today(nasty(action, false)), Preview(nasty(action, true))...) {
			if s.About != "" && !plain.MatchString(s.About) {
				t.Errorf("%s: %q", action, s.About)
			}
		}
	}
	for _, s := range Preview(nasty(Enable, true)) {
		if !strings.HasPrefix(s.About, "retired on "+RetiredOn) {
			t.Errorf("not marked as retired: %+v", s)
		}
	}
}

func TestCheck(t *testing.T) {
	good := Request{Action: Update, ResourceGroup: "rg", Name: "c", File: "roots.pem"}
	for name, tt := range map[string]struct {
		change func(*Request)
		want   string
	}{
		"good":    {func(*Request) {}, ""},
		"nothing": {func(r *Request) { *r = Request{Action: NodepoolUpdate} }, "--resource-group is missing\n--name is missing\n--nodepool is missing\n--ca-file is missing"},
		"bad names": {func(r *Request) { r.ResourceGroup, r.Name = "rg.", "-c" },
			"--resource-group \"rg.\": must be up to 90 letters, digits, _ ( ) - and . with no . at the end\n" +
				"--name \"-c\": must be up to 63 letters, digits, _ and - with a letter or digit at both ends"},
		"pool of create":     {func(r *Request) { r.Nodepool = "np1" }, "--nodepool is not supported here, because CAs apply to the whole cluster; leave it out"},
		"line break in file": {func(r *Request) { r.File = "a\nrm -rf x" }, `--ca-file "a\nrm -rf x": must not contain control or invisible characters`},
		"invisible in file":  {func(r *Request) { r.File = "a\u202eb" }, `--ca-file "a\u202eb": must not contain control or invisible characters`},
		"line break behind":  {func(r *Request) { r.Extra = []string{"a\n"} }, "arguments for az must not contain control or invisible characters"},
		"Windows pool":       {func(r *Request) { r.Action, r.Nodepool, r.File = NodepoolAdd, "npWin1", "" }, "--nodepool \"npWin1\": must be up to 12 lower-case letters and digits, starting with a letter; Windows pools cannot have custom CAs"},
		"retired, no pool":   {func(r *Request) { r.Action, r.Preview = Enable, true }, "--nodepool is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			r := good
			tt.change(&r)
			got := ""
			if err := errors.Join(r.Check()...); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFile keeps az from taking a file for a flag, or for a file to read its
// arguments from.
func TestFile(t *testing.T) {
	for file, want := range map[string]string{"a.pem": "a.pem", "-a.pem": "./-a.pem", "@a.pem": "./@a.pem", "/x/-a.pem": "/x/-a.pem"} {
		if got := (Request{File: file}).file(); got != want {
			t.Errorf("%s: got %s, want %s", file, got, want)
		}
	}
}
