package zone

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// Zone holds records and keeps them in a file, which is written line by line
// as they change and made small again by Open.
type Zone struct {
	mu      sync.RWMutex
	names   map[string][]dns.RR // by canonical name
	serial  uint32
	journal *os.File
}

// Open reads the records of a file, which need not exist.
func Open(path string) (*Zone, error) {
	z := &Zone{names: map[string][]dns.RR{}, serial: 1}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for line := range strings.Lines(string(data)) {
		line, whole := strings.CutSuffix(line, "\n")
		if !whole {
			break // a crash cut it short
		}
		if err := z.replay(line); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := z.compact(path); err != nil {
		return nil, err
	}
	z.journal, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	return z, err
}

// replay does what one line of the file says: "+" or "-", a blank, a record.
func (z *Zone) replay(line string) error {
	op, text, _ := strings.Cut(line, " ")
	rr, err := dns.NewRR(text)
	if err != nil {
		return err
	}
	switch op {
	case "+":
		z.put(rr)
	case "-":
		z.drop(rr)
	default:
		return fmt.Errorf("%q: neither + nor -", line)
	}
	return nil
}

func (z *Zone) compact(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, rr := range z.All() {
		fmt.Fprintln(w, "+", rr)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// All returns every record, by name and text.
func (z *Zone) All() []dns.RR {
	z.mu.RLock()
	defer z.mu.RUnlock()
	var all []dns.RR
	for _, rrs := range z.names {
		all = append(all, rrs...)
	}
	slices.SortFunc(all, func(a, b dns.RR) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// Apply makes changes in order, each in the form of RFC 2136, section 2.5: of
// class IN, a record to add; of class NONE, one to delete; of class ANY, a set
// to delete, or with type ANY all sets of the name.
func (z *Zone) Apply(changes []dns.RR) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.apply(changes)
}

func (z *Zone) apply(changes []dns.RR) error {
	var lines strings.Builder
	for _, change := range changes {
		h := change.Header()
		name := dns.CanonicalName(h.Name)
		switch h.Class {
		case dns.ClassINET:
			for _, old := range z.put(change) {
				fmt.Fprintln(&lines, "-", old)
			}
			fmt.Fprintln(&lines, "+", change)
		case dns.ClassNONE:
			rr := dns.Copy(change)
			rr.Header().Class = dns.ClassINET
			if z.drop(rr) {
				fmt.Fprintln(&lines, "-", rr)
			}
		case dns.ClassANY:
			for _, rr := range slices.Clone(z.names[name]) {
				if h.Rrtype == dns.TypeANY || h.Rrtype == rr.Header().Rrtype {
					z.drop(rr)
					fmt.Fprintln(&lines, "-", rr)
				}
			}
		}
	}
	if lines.Len() == 0 {
		return nil
	}
	z.serial++
	_, err := z.journal.WriteString(lines.String())
	return err
}

// put adds a record and returns those that make way for it: the same one with
// another TTL, and another CNAME or SOA.
func (z *Zone) put(rr dns.RR) []dns.RR {
	name := dns.CanonicalName(rr.Header().Name)
	var kept, gone []dns.RR
	for _, old := range z.names[name] {
		t := old.Header().Rrtype
		single := t == rr.Header().Rrtype && (t == dns.TypeCNAME || t == dns.TypeSOA)
		if single || dns.IsDuplicate(old, rr) {
			gone = append(gone, old)
		} else {
			kept = append(kept, old)
		}
	}
	z.names[name] = append(kept, rr)
	return gone
}

func (z *Zone) drop(rr dns.RR) bool {
	name := dns.CanonicalName(rr.Header().Name)
	var kept []dns.RR
	for _, old := range z.names[name] {
		if !dns.IsDuplicate(old, rr) {
			kept = append(kept, old)
		}
	}
	found := len(kept) < len(z.names[name])
	z.names[name] = kept
	if len(kept) == 0 {
		delete(z.names, name)
	}
	return found
}
