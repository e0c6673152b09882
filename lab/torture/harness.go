package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// options are the flags of the command.
type options struct {
	runs      int
	seed      uint64
	only      string
	one       string
	bin, lab  string
	root, out string
	certs     string
	log       string
	jobs      int
	limit     time.Duration
}

// harness is what all cases share.
type harness struct {
	options
	work   string // folder of the cases under way
	corpus corpus
	lab    *cluster // nil until it is started
	list   *os.File // of all runs, or nil
	lock   sync.Mutex
	order  []string
	tables map[string]*tally
}

// tally counts the runs of a family.
type tally struct {
	lock       sync.Mutex
	runs       int
	exits      [3]int
	slowest    time.Duration
	rss        int64 // bytes
	violations map[string]int
}

func newHarness(o options) (*harness, error) {
	if _, err := os.Stat(o.bin); err != nil {
		return nil, fmt.Errorf("%w; make build builds it", err)
	}
	corpus, err := readCorpus(o.root)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(o.out, "work-")
	if err != nil {
		return nil, err
	}
	// Another user must get at a case's folder, too.
	if err := os.Chmod(work, 0o755); err != nil {
		return nil, err
	}
	h := &harness{options: o, work: work, corpus: corpus, tables: map[string]*tally{}}
	if o.log != "" {
		h.list, err = os.Create(o.log)
	}
	return h, err
}

func (h *harness) close() {
	if h.lab != nil {
		h.lab.stop()
	}
	if h.list != nil {
		_ = h.list.Close()
	}
	if err := os.RemoveAll(h.work); err != nil {
		fmt.Fprintln(os.Stderr, "warning:", err)
	}
}

func (h *harness) tally(name string) *tally {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.tables[name] == nil {
		h.tables[name] = &tally{violations: map[string]int{}}
		h.order = append(h.order, name)
	}
	return h.tables[name]
}

func (t *tally) count() int {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.runs
}

func (t *tally) add(r result) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.runs++
	if r.code >= 0 && r.code < len(t.exits) {
		t.exits[r.code]++
	}
	t.slowest, t.rss = max(t.slowest, r.took), max(t.rss, r.rss)
}

// violate counts a violation and returns how many of its kind came before.
func (t *tally) violate(kind string) int {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.violations[kind]++
	return t.violations[kind] - 1
}

// caseSeed makes the seed of a case. Its last 24 bits are the index.
func caseSeed(seed uint64, family string, index int) uint64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d/%s", seed, family)
	return hash.Sum64()&^0xffffff | uint64(index)&0xffffff
}

// summary prints the table and returns the number of violations.
func (h *harness) summary() int {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "\nFAMILY\tRUNS\tEXIT 0\tEXIT 1\tEXIT 2\tSLOWEST\tLARGEST RSS\tVIOLATIONS")
	var all tally
	total := 0
	for _, name := range h.order {
		t := h.tables[name]
		found := 0
		for _, n := range t.violations {
			found += n
		}
		row(w, name, t, found)
		total += found
		all.runs += t.runs
		for code, n := range t.exits {
			all.exits[code] += n
		}
		all.slowest, all.rss = max(all.slowest, t.slowest), max(all.rss, t.rss)
	}
	row(w, "all", &all, total)
	_ = w.Flush()
	for _, name := range h.order {
		fmt.Print(kinds(name, h.tables[name].violations))
	}
	if total > 0 {
		fmt.Printf("cases that violate something are in %s\n", h.out)
	}
	return total
}

func row(w *tabwriter.Writer, name string, t *tally, found int) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\t%d MB\t%d\n", name, t.runs, t.exits[0], t.exits[1], t.exits[2],
		t.slowest.Round(10*time.Millisecond), t.rss>>20, found)
}

// kinds lists the violations of a family by kind.
func kinds(family string, violations map[string]int) string {
	var lines []string
	for kind, n := range violations {
		lines = append(lines, fmt.Sprintf("%s: %s: %d\n", family, kind, n))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// startLab starts the lab. Pebble takes any challenge for answered: how names
// are proved is not part of this.
func (h *harness) startLab() error {
	if _, err := os.Stat(h.options.lab); err != nil {
		return fmt.Errorf("%w; make lab builds it", err)
	}
	c := &cluster{env: map[string]string{}}
	c.cmd = exec.Command(h.options.lab, "up", "--foreground", "--dir", filepath.Join(h.work, "lab"), "--crds", "cert-manager,gateway-api,nginx")
	c.cmd.Env = append(os.Environ(), "PEBBLE_VA_ALWAYS_VALID=1")
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if c.leash, err = c.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := c.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for c.env["TSIG_SECRET"] == "" && lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		c.env[key] = strings.Trim(value, "'")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	h.lab = c
	return c.connect()
}

// command is one run of the binary.
type command struct {
	args   []string
	stdin  string
	env    []string      // besides HOME, TMPDIR and PATH
	limit  time.Duration // 0: that of the flag
	signal os.Signal     // sent after a while
	after  time.Duration
	writes bool     // may change the folder it runs in
	stdout *os.File // instead of a buffer
	shape  func(*exec.Cmd)
	spare  func(name string) bool // files outside that may change
}

// result is how a run ended.
type result struct {
	code           int // -1 if a signal ended it
	stdout, stderr string
	took           time.Duration
	rss            int64 // bytes
	cpu            time.Duration
	late           bool // killed because it took too long
	huge           bool // killed because of its memory or its output
	state          string
}

// Bounds of a run. The limit of the flag is one of processor time, since the
// machine may be busy; the clock may show several times as much.
const (
	clock     = 6
	maxRSS    = 512 << 20
	killRSS   = 1200 << 20
	maxOutput = 32 << 20
)
