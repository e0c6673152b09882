package process

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
)

// TestMain runs a child or parent of the tests where the first argument says so.
// A child gets no variable that could.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		runChild(os.Args[2], os.Args[3:])
		os.Exit(0)
	}
	if len(os.Args) > 2 && os.Args[1] == "parent" {
		runParent(os.Args[2])
	}
	os.Exit(m.Run())
}

// launch starts children of one behaviour. With a marker, only the first child
// behaves so, and the others are good.
func launch(t testing.TB, behaviour string, marker ...string) Launcher {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Launcher{Path: self, Args: append([]string{"child", behaviour}, marker...)}
}

// behaviours are what children do with a request; false leaves it to the good
// child.
var behaviours = map[string]func(r Request) (done bool){
	"good": func(Request) bool { return false },
	"exit before the handshake": func(Request) bool {
		os.Exit(3)
		return true
	},
	"panic before the handshake": func(Request) bool { panic("s3cr3t trouble\nsecond line") },
	"other version":              func(r Request) bool { return say(Response{ID: r.ID, Version: 7}) },
	"greet with garbage":         func(Request) bool { return print("Welcome! s3cr3t\n") },
	"closed output": func(Request) bool {
		os.Stdout.Close()
		return hang()
	},
	"hang in hello": func(Request) bool { return hang() },
	"hang in make":  on(Make, func(Request) bool { return hang() }),
	"refuse":        on(Make, func(r Request) bool { return say(Response{ID: r.ID, Error: "wrong password"}) }),
	"exit in present": on(Present, func(Request) bool {
		os.Exit(4)
		return true
	}),
	"panic in present": on(Present, func(Request) bool { panic("present trouble") }),
	"killed in present": on(Present, func(Request) bool {
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		return hang()
	}),
	"half a line": on(Present, func(r Request) bool {
		print(`{"id": 4, "err`)
		os.Exit(5)
		return true
	}),
	"garbage in present":   on(Present, func(Request) bool { return print("s3cr3t <html>\n") }),
	"unknown field":        on(Present, func(r Request) bool { return print(fmt.Sprintf("{\"id\": %d, \"s3cr3t\": 1}\n", r.ID)) }),
	"two on a line":        on(Present, func(r Request) bool { return print(fmt.Sprintf("{\"id\": %d} {}\n", r.ID)) }),
	"answer to no request": on(Present, func(r Request) bool { return say(Response{ID: r.ID + 1}) }),
	"a line of 2 MB":       on(Present, func(Request) bool { return print(strings.Repeat("x", 2<<20) + "\n") }),
	"hang in present":      on(Present, func(Request) bool { return hang() }),
	"flood": on(Present, func(Request) bool {
		long := bytes.Repeat([]byte("s3cr3t panic: "), 1<<16)
		for range 50 {
			os.Stderr.Write(long)
			os.Stderr.Write([]byte("\n"))
		}
		return false
	}),
	"environ": on(Make, func(r Request) bool { return say(Response{ID: r.ID, Error: strings.Join(os.Environ(), "\n")}) }),
}

// hang does not even notice that its input ends.
func hang() bool {
	time.Sleep(10 * time.Minute)
	return true
}

func on(method string, do func(Request) bool) func(Request) bool {
	return func(r Request) bool { return r.Method == method && do(r) }
}

func print(text string) bool {
	_, err := io.WriteString(os.Stdout, text)
	return err == nil
}

func say(r Response) bool { return NewWriter(os.Stdout).Write(r) == nil }

// runChild is a child of the tests.
func runChild(behaviour string, marker []string) {
	if len(marker) > 0 && os.Remove(marker[0]) != nil {
		behaviour = "good"
	}
	do := behaviours[behaviour]
	requests := NewReader(os.Stdin)
	good := goodChild{}
	for {
		var r Request
		if requests.Read(&r) != nil {
			return
		}
		if !do(r) {
			good.answer(r)
		}
	}
}

// goodChild answers by the domain of a record: "pid" gets its process ID, "until cancelled"
// waits for its cancel, and of "together" two are answered, the second first.
type goodChild struct{ waiting []Request }

func (g *goodChild) answer(r Request) {
	answer := Response{ID: r.ID}
	switch {
	case r.Method == Hello:
		answer.Version = r.Version
	case r.Method == Timeout:
		answer.Traits = &dns01.Traits{Timeout: 42 * time.Second, Sequential: true}
	case r.Method == Cancel:
		answer.Error = "cancelled"
	case r.Record == nil:
	case r.Record.Domain == "pid":
		answer.Error = fmt.Sprint("pid ", os.Getpid())
	case r.Record.Domain == "until cancelled":
		return
	case r.Record.Domain == "together":
		g.waiting = append(g.waiting, r)
		if len(g.waiting) == 2 {
			for _, one := range []Request{g.waiting[1], g.waiting[0]} {
				say(Response{ID: one.ID, Error: "token " + one.Record.Token})
			}
		}
		return
	}
	say(answer)
}

// runParent tells the process ID of its provider, which is in a call, and waits
// to be killed.
func runParent(how string) {
	behaviour := "hang in present"
	if how == "by standard input" {
		attributes, behaviour = nil, "good"
	}
	self, _ := os.Executable()
	p, err := Launcher{Path: self, Args: []string{"child", behaviour}}.Provider(background, "any", nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	pid := p.CleanUp(background, dns01.Record{Domain: "pid"})
	go p.Present(background, dns01.Record{Domain: "until cancelled"})
	time.Sleep(100 * time.Millisecond) // to be in the call
	fmt.Println(pid)
	time.Sleep(10 * time.Minute)
	os.Exit(1)
}

// gone reports whether a process has ended.
func gone(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		_, state, _ := strings.Cut(string(stat), ") ")
		return strings.HasPrefix(state, "Z")
	}
	process, err := os.FindProcess(pid)
	return err != nil || process.Signal(syscall.Signal(0)) != nil
}
