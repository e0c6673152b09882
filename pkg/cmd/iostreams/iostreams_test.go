package iostreams

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSafe: what could control a terminal is escaped in every stream, and our
// own colours stay.
func TestSafe(t *testing.T) {
	var out, err bytes.Buffer
	s, flush := IO{Out: &out, Err: &err, Color: true}.Safe()
	s.Printf("%s", "a\x1b]0;x\ab\nc")
	fmt.Fprintln(s.Out, s.Paint(Red, "red")+"\x1b[2J")
	s.Messagef("%s", "d\u202e")
	fmt.Fprint(s.Err, "e\x9d\xe2\x80")
	flush()
	if diff := cmp.Diff("a\\u001b]0;x\\u0007b\\nc\n\x1b[31mred\x1b[0m\\u001b[2J\n", out.String()); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("d\\u202e\ne\\x9d\\xe2\\x80", err.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

func TestPaint(t *testing.T) {
	for _, test := range []struct {
		color bool
		mode  string
		want  string
	}{
		{false, "auto", "x"},
		{true, "auto", "\x1b[32mx\x1b[0m"},
		{true, "never", "x"},
		{false, "always", "\x1b[32mx\x1b[0m"},
	} {
		s := IO{Color: test.color}.WithColor(test.mode)
		if got := s.Paint(Green, "x"); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}

// TestProgressing: nothing is shown for a second; then a line that a message, and
// the end, take back.
func TestProgressing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err bytes.Buffer
		s, _ := IO{Err: &err, Progress: true}.Safe()
		s.Progressing("fast")()
		done := s.Progressing("reading\n")
		time.Sleep(1500 * time.Millisecond)
		s.Messagef("note")
		time.Sleep(time.Second)
		done()
		done()
		want := "reading\\n … 1 s" + ClearLine + "note\n" + "reading\\n … 2 s" + ClearLine
		if diff := cmp.Diff(want, err.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestNoProgress: a file gets no progress.
func TestNoProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err bytes.Buffer
		s, _ := IO{Err: &err}.Safe()
		done := s.Progressing("reading")
		time.Sleep(time.Minute)
		done()
		if err.Len() > 0 {
			t.Errorf("wrote %q", err.String())
		}
	})
}

// yielding is a writer that lets other goroutines run in the middle of a write.
type yielding struct {
	bytes.Buffer
	writes, overlaps atomic.Int64
}

func (w *yielding) Write(p []byte) (int, error) {
	if w.writes.Add(1) > 1 {
		w.overlaps.Add(1)
	}
	defer w.writes.Add(-1)
	runtime.Gosched()
	return w.Buffer.Write(p)
}

// TestConcurrentMessages: messages of several goroutines, results and a line of
// progress do not mix.
func TestConcurrentMessages(t *testing.T) {
	var out, err yielding
	s, _ := IO{Out: &out, Err: &err, Progress: true}.Safe()
	line := strings.Repeat("x", 100)
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 100 {
				s.Messagef("%s", line)
				s.messages.progress("p")
				s.Printf("%s", line)
			}
		})
	}
	writers.Wait()
	if text := err.String(); strings.Count(text, "p") != strings.Count(text, "p"+ClearLine)+strings.Count(text[len(text)-1:], "p") {
		t.Error("a line of progress is not removed")
	}
	for name, w := range map[string]*yielding{"stdout": &out, "stderr": &err} {
		text := strings.NewReplacer("p", "", ClearLine, "").Replace(w.String())
		if n := w.overlaps.Load(); n > 0 || text != strings.Repeat(line+"\n", 800) {
			t.Errorf("%s is mixed: %d writes during another", name, n)
		}
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	table := IO{Out: &out, Color: true}.NewTable(false)
	table.Row("NAME", "STATE", "WHY")
	table.Colored(1, Red, "a\u00e9", "bad", "expired")
	table.Row("long\tname", "ok")
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "NAME         STATE   WHY\naé           \x1b[31mbad\x1b[0m     expired\nlong\\tname   ok\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTableWidth: on a terminal the widest cells are cut until rows fit, but not to
// less than eight characters. Wide tables are not cut.
func TestTableWidth(t *testing.T) {
	long := strings.Repeat("é", 30)
	for width, want := range map[int]string{
		0:  "NAME                             STATE        X\na                                " + "bad reason   " + long + "\n" + long + "   ok           x\n",
		80: "NAME                             STATE        X\na                                " + "bad reason   " + long + "\n" + long + "   ok           x\n",
		40: "NAME           STATE        X\na              bad reason   " + strings.Repeat("é", 11) + "…\n" + strings.Repeat("é", 11) + "…   ok           x\n",
		20: "NAME       STATE      X\na          bad rea…   ééééééé…\nééééééé…   ok         x\n",
	} {
		var out bytes.Buffer
		table := IO{Out: &out, Width: width}.NewTable(false)
		table.Row("NAME", "STATE", "X")
		table.Row("a", "bad reason", long)
		table.Row(long, "ok", "x")
		if err := table.Flush(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", width, diff)
		}
	}
	var out bytes.Buffer
	table := IO{Out: &out, Width: 12, Color: true}.NewTable(false)
	table.Colored(0, Red, "very bad", "a long reason")
	if err := table.Flush(); err != nil || out.String() != "\x1b[31mvery bad\x1b[0m   a long …\n" {
		t.Errorf("a coloured row is %q, %v", out.String(), err)
	}
	out.Reset()
	table = IO{Out: &out, Width: 10}.NewTable(true)
	table.Row(long, "x")
	if err := table.Flush(); err != nil || out.String() != long+"   x\n" {
		t.Errorf("a wide row is %q, %v", out.String(), err)
	}
}

type failing struct{ writes int }

func (f *failing) Write([]byte) (int, error) {
	f.writes++
	return 0, errors.New("write " + strings.Repeat("I", f.writes))
}

func TestRecorder(t *testing.T) {
	r := Recorder{Writer: &failing{}}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	for range 2 {
		_, _ = r.Write(nil)
	}
	if err := r.Err(); err == nil || err.Error() != "write I" {
		t.Errorf("got %v, want the first error", err)
	}
}
