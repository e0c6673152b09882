package process

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
)

func TestReader(t *testing.T) {
	exactly := func(length int) string { // a line with its end
		line := `{"id":1,"error":""}` + "\n"
		return strings.Replace(line, `""`, `"`+strings.Repeat("x", length-len(line))+`"`, 1)
	}
	for _, c := range []struct {
		name, in string
		messages int
		err      string
	}{
		{"nothing", "", 0, "EOF"},
		{"two", "{\"id\":1}\n{\"id\":2}\r\n", 2, "EOF"},
		{"no end", "{\"id\":1}\n{\"id\":2}", 1, "unexpected EOF"},
		{"empty line", "\n", 0, errNoMessage.Error()},
		{"another type", "[1]\n", 0, errNoMessage.Error()},
		{"a number too large", "{\"id\":18446744073709551616}\n", 0, errNoMessage.Error()},
		{"the longest", exactly(maxLine) + exactly(maxLine), 2, "EOF"},
		{"one byte more", exactly(maxLine + 1), 0, "a line of more than 1048576 bytes"},
		{"no end in sight", strings.Repeat(" ", 3*maxLine), 0, "a line of more than 1048576 bytes"},
	} {
		r, n := NewReader(strings.NewReader(c.in)), 0
		var err error
		for err = r.Read(&Response{}); err == nil; err = r.Read(&Response{}) {
			n++
		}
		if n != c.messages || err.Error() != c.err {
			t.Errorf("%s: %d messages, then %v; want %d, then %s", c.name, n, err, c.messages, c.err)
		}
	}
}

func TestWriterTooLong(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	if err := w.Write(Response{Error: strings.Repeat("x", maxLine)}); err != ErrTooLong || out.Len() > 0 {
		t.Errorf("got %v, and %d bytes", err, out.Len())
	}
}

// counted counts what was read.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// FuzzReader: any bytes give messages that survive another round, and then one
// error; never is more read than one line beyond.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "{}\n", "{\"id\":1,\"version\":1}\n", "{\"id\":2,\"error\":\"\\ud800 \\u0000\"}\n{", "null\n", "{\"id\":1}{}\n",
		"{\"id\":3,\"method\":\"make\",\"provider\":\"x\",\"variables\":{\"A\":\"/w==\"}}\n",
		"{\"id\":4,\"method\":\"present\",\"record\":{\"domain\":\"example.com\",\"fqdn\":\"a.\",\"zone\":\".\",\"token\":\"\",\"keyAuth\":\"\"}}\n",
	} {
		f.Add([]byte(seed), uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, repeat uint8) {
		data = bytes.Repeat(data, int(repeat)+1)
		lines := bytes.Count(data, []byte("\n"))
		in := &counted{r: bytes.NewReader(data)}
		r, messages := NewReader(in), 0
		for {
			var got, again Request
			err := r.Read(&got)
			if err != nil {
				if errors.Is(err, ErrTooLong) && in.n < maxLine {
					t.Errorf("too long after %d bytes", in.n)
				}
				return
			}
			if messages++; messages > lines {
				t.Fatalf("%d messages in %d lines", messages, lines)
			}
			var buffer bytes.Buffer
			if err := NewWriter(&buffer).Write(got); err != nil {
				if errors.Is(err, ErrTooLong) { // escapes take more
					continue
				}
				t.Fatal(err)
			}
			if err := NewReader(&buffer).Read(&again); err != nil {
				t.Fatalf("%+v: %v", got, err)
			}
			if diff := cmp.Diff(got, again, cmp.Comparer(sameVariables)); diff != "" {
				t.Fatalf("after another round (-before +after):\n%s", diff)
			}
		}
	})
}

// sameVariables: empty and missing are the same.
func sameVariables(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		if !bytes.Equal(value, b[name]) {
			return false
		}
	}
	return true
}

var _ dns01.Provider = (*provider)(nil)
