package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"
)

func families() []family {
	return []family{
		{name: "certificates", share: 225, try: tryCertificates},
		{name: "manifests", share: 250, try: tryManifests},
		{name: "yaml", share: 190, try: tryYAML},
		{name: "injections", share: 110, try: tryInjections},
		{name: "canaries", share: 70, live: true, try: tryCanaries},
		{name: "homes", share: 35, try: tryHomes},
		{name: "kills", share: 50, live: true, try: tryKills},
		{name: "acme", share: 70, live: true, try: tryACME},
	}
}

func main() {
	// The memory of a child counts from that of its parent, so keep this small.
	debug.SetMemoryLimit(150 << 20)
	o, err := parse(os.Args[1:])
	if err == nil {
		var found int
		if found, err = run(o); err == nil && found > 0 {
			os.Exit(1)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.IntVar(&o.runs, "n", 4400, "runs of the binary, about")
	flags.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano())%1e9, "seed of all cases")
	flags.StringVar(&o.only, "only", "", "run this family only")
	flags.StringVar(&o.one, "case", "", "with -only: run the case with this seed only")
	flags.StringVar(&o.bin, "bin", ".bin/kubectl-certs", "the binary to run")
	flags.StringVar(&o.lab, "lab", ".bin/lab", "the lab to run live families on")
	flags.StringVar(&o.root, "root", ".", "root of the repository, whose test data are mutated")
	flags.StringVar(&o.out, "out", ".bin/torture", "folder for cases that violate an invariant, and for work")
	flags.StringVar(&o.certs, "certs", "", "folder with further certificates to read, such as OpenSSL's test/certs")
	flags.StringVar(&o.log, "log", "", "file to list all runs in, with what they say first")
	flags.IntVar(&o.jobs, "jobs", 3, "processes at a time")
	flags.DurationVar(&o.limit, "limit", 10*time.Second, "how much processor time a run may take, and a sixth of how long")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.one != "" && o.only == "" {
		return o, fmt.Errorf("-case needs -only FAMILY")
	}
	for _, path := range []*string{&o.bin, &o.lab, &o.root, &o.out} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return o, err
		}
		*path = absolute
	}
	return o, nil
}

// run runs all families and returns the number of violations.
func run(o options) (int, error) {
	chosen := families()
	if o.only != "" {
		chosen = slices.DeleteFunc(chosen, func(f family) bool { return f.name != o.only })
		if len(chosen) == 0 {
			return 0, fmt.Errorf("unknown family %q", o.only)
		}
	}
	h, err := newHarness(o)
	if err != nil {
		return 0, err
	}
	defer h.close()
	fmt.Printf("seed %d, about %d runs\n", o.seed, o.runs)
	if slices.ContainsFunc(chosen, func(f family) bool { return f.live }) || o.only == "manifests" || o.only == "yaml" {
		if err := h.startLab(); err != nil {
			return 0, fmt.Errorf("start the lab: %w", err)
		}
	}
	if o.certs != "" {
		h.readCerts(o.certs)
	}
	for _, f := range chosen {
		if err := h.runFamily(f); err != nil {
			return 0, err
		}
	}
	return h.summary(), nil
}

// runFamily runs cases of a family until it has its share of the runs.
func (h *harness) runFamily(f family) error {
	t := h.tally(f.name)
	if h.one != "" {
		seed, err := strconv.ParseUint(h.one, 16, 64)
		if err != nil {
			return fmt.Errorf("-case: %w", err)
		}
		h.try(f, seed)
		return nil
	}
	want := h.runs * f.share / 1000
	if h.only != "" {
		want = h.runs
	}
	started := time.Now()
	var next int
	var lock sync.Mutex
	take := func() (uint64, bool) {
		lock.Lock()
		defer lock.Unlock()
		if t.count() >= want {
			return 0, false
		}
		next++
		return caseSeed(h.seed, f.name, next-1), true
	}
	var workers sync.WaitGroup
	for range h.jobs {
		workers.Go(func() {
			for seed, more := take(); more; seed, more = take() {
				h.try(f, seed)
			}
		})
	}
	workers.Wait()
	fmt.Printf("%s: %d cases, %d runs, %s\n", f.name, next, t.count(), time.Since(started).Round(time.Second))
	return nil
}
