package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// family is one kind of hostile input.
type family struct {
	name  string
	share int          // of a thousand runs
	live  bool         // needs the lab
	try   func(*trial) // one case
}

// trial is one case: a folder of its own, input made from its seed, and runs of
// the binary in it.
type trial struct {
	*harness
	*rand.Rand
	family  string
	seed    uint64
	index   int
	top     string   // holds the folders below, and nothing else
	dir     string   // where the binary runs
	home    string   // HOME
	tmp     string   // TMPDIR
	secrets []string // what no output may show
	faults  int
}

// saved is how many cases with a violation of one kind are kept in a family.
const saved = 5

// try runs a case, reports its violations and removes its folder.
func (h *harness) try(f family, seed uint64) {
	t := &trial{harness: h, Rand: rand.New(rand.NewPCG(seed, 0x746f7274757265)), family: f.name, seed: seed, index: int(seed & 0xffffff)}
	t.top = filepath.Join(h.work, fmt.Sprintf("%s-%x", strings.ReplaceAll(f.name, " ", "-"), seed))
	t.dir, t.home, t.tmp = filepath.Join(t.top, "work"), filepath.Join(t.top, "home"), filepath.Join(t.top, "tmp")
	for _, dir := range []string{t.dir, t.home, t.tmp} {
		must(os.MkdirAll(dir, 0o755))
	}
	t.secrets = []string{t.canary()}
	defer t.end()
	f.try(t)
}

func (t *trial) end() {
	if wrong := recover(); wrong != nil {
		t.fail("harness", "%v\n%s", wrong, debug.Stack())
	}
	if t.faults == 0 {
		must(os.RemoveAll(t.top))
		return
	}
	kept := filepath.Join(t.out, filepath.Base(t.top))
	_ = os.RemoveAll(kept)
	if err := os.Rename(t.top, kept); err != nil {
		fmt.Fprintln(os.Stderr, "warning:", err)
	}
}

// canary makes a secret that occurs nowhere else.
func (t *trial) canary() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	b := []byte("Cnry")
	for range 28 {
		b = append(b, letters[t.IntN(len(letters))])
	}
	return string(b)
}

// secret makes a canary that no output of the case may show.
func (t *trial) secret() string {
	s := t.canary()
	t.secrets = append(t.secrets, s)
	return s
}

// write writes a file below the folder of the case and returns its name.
func (t *trial) write(name, content string) string {
	path := filepath.Join(t.dir, name)
	must(os.MkdirAll(filepath.Dir(path), 0o755))
	must(os.WriteFile(path, []byte(content), 0o644))
	return name
}

// fail reports a violation. Of a kind that came often it only counts the rest.
func (t *trial) fail(kind, format string, args ...any) {
	before := t.tally(t.family).violate(kind)
	if before >= saved {
		return
	}
	t.faults++
	text := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	report := fmt.Sprintf("VIOLATION %s: %s\n  repeat: -only '%s' -case %x\n  %s\n", t.family, kind, t.family, t.seed, strings.ReplaceAll(text, "\n", "\n  "))
	fmt.Print(report)
	log, err := os.OpenFile(filepath.Join(t.top, "violations.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	must(err)
	defer log.Close()
	_, err = log.WriteString(report)
	must(err)
}
