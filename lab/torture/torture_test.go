package main

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCheckFindsFaults runs programs with one fault each in place of the binary.
func TestCheckFindsFaults(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		args         []string
		want         []string
	}{
		{name: "none", script: "echo fine", args: []string{"lint"}},
		{name: "an error that is reported", script: "echo error: no >&2; exit 2", args: []string{"lint"}},
		{name: "panic", script: "echo 'panic: x'; exit 2", args: []string{"lint"}, want: []string{"crash: panic: x"}},
		{name: "a panic that is caught", script: "echo 'error: x' >&2; echo 'hint: this is a bug' >&2; exit 2", args: []string{"lint"}, want: []string{"crash: is a bug"}},
		{name: "a panic of kustomize", script: "echo 'error: build x: kustomize panics, as it does (runtime error: y)' >&2; exit 2", args: []string{"lint"}},
		{name: "no error line", script: "exit 2", args: []string{"lint"}, want: []string{"exit 2 without an error line (lint)"}},
		{name: "no word", script: "exit 1", args: []string{"trust", "bundle", "-"}, want: []string{"exit 1 without a word (trust bundle)"}},
		{name: "exit code", script: "exit 3", args: []string{"lint"}, want: []string{"exit code"}},
		{name: "signal", script: "kill -9 $$", args: []string{"lint"}, want: []string{"ended by a signal"}},
		{name: "time", script: "sleep 10", args: []string{"lint"}, want: []string{"takes too long"}},
		{name: "processor time", script: "while :; do :; done", args: []string{"lint"}, want: []string{"takes too long"}},
		{name: "control character", script: `printf 'a\033[2J'`, args: []string{"lint"}, want: []string{"raw control character U+001B"}},
		{name: "bidi", script: `printf 'a\342\200\256'`, args: []string{"lint"}, want: []string{"raw control character U+202E"}},
		{name: "secret", script: "echo $AWS_SECRET_ACCESS_KEY", args: []string{"lint"}, want: []string{"secret shown"}},
		{name: "secret in base64", script: "printf ab$AWS_SECRET_ACCESS_KEY | base64 -w0", args: []string{"lint"}, want: []string{"secret shown"}},
		{name: "home", script: "echo x >$HOME/x", args: []string{"lint"}, want: []string{"touched what it must not"}},
		{name: "temporary file", script: "echo x >$TMPDIR/x", args: []string{"lint"}, want: []string{"touched what it must not"}},
		{name: "outside", script: "echo x >../x", args: []string{"lint"}, want: []string{"touched what it must not"}},
		{name: "input", script: "echo x >x", args: []string{"lint"}, want: []string{"touched what it must not"}},
		{name: "JSON", script: "echo '{'", args: []string{"lint", "-o", "json"}, want: []string{"invalid JSON"}},
		{name: "YAML", script: "echo '{'", args: []string{"lint", "-o", "yaml"}, want: []string{"invalid YAML"}},
		{name: "workflow command", script: "echo '::set-env name=x::y'; exit 1", args: []string{"lint", "-o", "github"}, want: []string{"foreign workflow command"}},
		{name: "no difference shown", script: "echo x", args: []string{"diff", "a", "b"}, want: []string{"diff exits 0 and shows something"}},
		{name: "a difference not shown", script: "echo x >&2; exit 1", args: []string{"diff", "a", "b"}, want: []string{"diff exits 1 and shows nothing"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			bin := filepath.Join(dir, "bin")
			if err := os.WriteFile(bin, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			h := &harness{options: options{bin: bin, out: dir, limit: 300 * time.Millisecond}, work: filepath.Join(dir, "work"), tables: map[string]*tally{}}
			h.try(family{name: "f", try: func(c *trial) { c.exec(tt.args...) }}, 1)
			if diff := cmp.Diff(tt.want, slices.Sorted(maps.Keys(h.tally("f").violations))); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

// TestInjectionFound: a script that breaks out of its quotes is noticed.
func TestInjectionFound(t *testing.T) {
	dir := t.TempDir()
	h := &harness{options: options{out: dir}, work: filepath.Join(dir, "work"), tables: map[string]*tally{}}
	h.try(family{name: "f", try: func(c *trial) {
		c.shell("az update --name '$(: >" + marker + ")'\n")
		c.injected()
		if said := c.notes(); said != "update\n--name\n$(: >"+marker+")\n" {
			t.Errorf("az is called with %q", said)
		}
	}}, 1)
	if n := len(h.tally("f").violations); n != 0 {
		t.Errorf("%d violations of a script that is quoted", n)
	}
	h.try(family{name: "g", try: func(c *trial) {
		c.shell("az update --name \"$(: >" + marker + ")\"\n")
		c.shell("az '\n")
		c.injected()
	}}, 1)
	want := map[string]int{"injection": 1, "a printed command is not valid shell": 1}
	if diff := cmp.Diff(want, h.tally("g").violations); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

func TestOutsideCode(t *testing.T) {
	for page, want := range map[string]bool{
		"a <img> b": true, "a `<img>` b": false, "```\n<img>\n```\n": false, "```\na\n```\n<img>\n": true, "````\n```\n<img>\n````\n": false, "```diff\n```\n<img>\n": true,
	} {
		if got := outsideCode(page, "<img") != ""; got != want {
			t.Errorf("outsideCode(%q) finds it: %v, want %v", page, got, want)
		}
	}
}

// TestRepeats: a seed makes the same input again.
func TestRepeats(t *testing.T) {
	make := func(seed uint64) string {
		r := rand.New(rand.NewPCG(seed, 0))
		tree := map[string]any{"kind": "a", "metadata": map[string]any{"name": "x", "labels": map[string]any{"a": "b", "c": "d"}}, "items": []any{1, 2, 3}}
		what := mutate(r, tree)
		_, text := form(r, "kind: a\nmetadata:\n  name: b\n")
		return what + emit(r, tree) + text + string(damage(r, []byte(text))) + string(bend(r, []byte(strings.Repeat("-----BEGIN X-----\nAAAA\n-----END X-----\n", 3))))
	}
	for seed := range uint64(200) {
		if diff := cmp.Diff(make(seed), make(seed)); diff != "" {
			t.Fatalf("seed %d (-first +second):\n%s", seed, diff)
		}
	}
}
