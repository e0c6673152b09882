package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

var (
	errorLine = regexp.MustCompile(`(?m)^(error: |stopped).`)
	// What kustomize panics on is refused as input, with its words.
	refused = regexp.MustCompile(`(?m)^.*: kustomize panics, .*$`)
	// A panic that is caught is one, too.
	crash = regexp.MustCompile(`panic: |goroutine \d|runtime error|fatal error: |SIGSEGV|(?i:is a bug|please report)`)
)

// check checks what must hold after any run.
func (t *trial) check(c command, r result, before map[string]string) {
	text := r.stdout + r.stderr
	command, _, _ := strings.Cut(strings.Join(c.args, " "), " -")
	said := fmt.Sprintf("kubectl-certs %s\nexit %d (%s) in %s, %s of the processor's, %d MB\n%s%s", quoted(c.args), r.code, r.state, r.took, r.cpu, r.rss>>20, short(r.stdout), short(r.stderr))
	fail := func(kind string) { t.fail(kind+" ("+command+")", "%s", said) }
	stopped := c.signal != nil
	switch {
	case r.huge:
		t.fail("memory or output without bound", "%s", said)
	case r.late:
		t.fail("takes too long", "%s", said)
	case r.code < 0 && !stopped:
		t.fail("ended by a signal", "%s", said)
	case r.code > 2:
		t.fail("exit code", "%s", said)
	}
	own := refused.ReplaceAllString(text, "")
	if at := crash.FindStringIndex(own); at != nil {
		line, _, _ := strings.Cut(own[at[0]:], "\n")
		t.fail("crash: "+kindOf(line), "%s", said)
		return
	}
	if r.rss > maxRSS && !r.huge {
		t.fail("memory", "%s", said)
	}
	if r.code == 2 && !errorLine.MatchString(r.stderr) {
		fail("exit 2 without an error line")
	}
	if r.code == 1 && text == "" && c.stdout == nil {
		fail("exit 1 without a word")
	}
	if wild := control(text); wild != "" {
		t.fail("raw control character "+wild, "%s", said)
	}
	for _, secret := range t.secrets {
		if shows(text, secret) {
			t.fail("secret shown", "%s\n%s", secret, said)
		}
	}
	t.checkDocumented(c, r, said)
	if diff := t.changed(before, c); diff != "" {
		t.fail("touched what it must not", "%s\n%s", diff, said)
	}
}

// kindOf is the beginning of a line without what differs from case to case.
func kindOf(line string) string {
	line = regexp.MustCompile(`0x[0-9a-f]+|\d+|"[^"]*"`).ReplaceAllString(short(line), "…")
	return line[:min(len(line), 80)]
}

// checkDocumented checks what the help says of exit codes and formats.
func (t *trial) checkDocumented(c command, r result, said string) {
	if c.stdout != nil || c.signal != nil || r.code < 0 || r.late || r.huge {
		return
	}
	verb := c.args[0]
	if verb == "diff" && r.code == 0 && r.stdout != "" && !slices.Contains(c.args, "markdown") && !slices.Contains(c.args, "json") {
		t.fail("diff exits 0 and shows something", "%s", said)
	}
	if verb == "diff" && r.code == 1 && r.stdout == "" {
		t.fail("diff exits 1 and shows nothing", "%s", said)
	}
	if verb == "apply" && r.code == 1 {
		t.fail("apply exits 1", "%s", said)
	}
	if r.code == 2 || r.stdout == "" || len(r.stdout) >= maxOutput || slices.Contains(c.args, "--help") {
		return
	}
	switch at := slices.Index(c.args, "-o"); {
	case at < 0 || at+1 == len(c.args):
	case c.args[at+1] == "json" && !jsonStream(r.stdout):
		t.fail("invalid JSON", "%s", said)
	case c.args[at+1] == "yaml" && verb != "generate":
		var v any
		if err := yaml.Unmarshal([]byte(r.stdout), &v); err != nil {
			t.fail("invalid YAML", "%v\n%s", err, said)
		}
	case c.args[at+1] == "github":
		for line := range strings.Lines(r.stdout) {
			if strings.HasPrefix(line, "::") && !githubLine.MatchString(line) {
				t.fail("foreign workflow command", "%q\n%s", line, said)
			}
		}
	}
}

var githubLine = regexp.MustCompile(`^::(error|warning|notice)( [a-zA-Z]+=[^\r\n]*)?::`)

// jsonStream says whether a text is one or more JSON values.
func jsonStream(text string) bool {
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var v any
		if err := d.Decode(&v); err == io.EOF {
			return true
		} else if err != nil {
			return false
		}
	}
}

// control names the first character that no output may hold as it is.
func control(text string) string {
	for i, r := range text {
		switch {
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return "(not UTF-8)"
			}
		case r == '\n' || r == '\t':
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x61c:
			return fmt.Sprintf("U+%04X", r)
		}
	}
	return ""
}

// shows says whether a text has a secret, as it is or in base64.
func shows(text, secret string) bool {
	if strings.Contains(text, secret) {
		return true
	}
	for shift := range 3 {
		// The middle of what base64 makes of it, wherever it begins.
		code := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		if strings.Contains(text, code[4:len(code)-4]) {
			return true
		}
	}
	return false
}

// listing describes all files of a case.
func (t *trial) listing() map[string]string {
	found := map[string]string{}
	must(filepath.WalkDir(t.top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(t.top, path)
		if err != nil {
			return err
		}
		what := info.Mode().String()
		if !d.IsDir() {
			what += fmt.Sprint(" ", info.Size(), " ", info.ModTime().UnixNano())
		}
		found[name] = what
		return nil
	}))
	return found
}

// changed lists the files that a command changed and must not have.
func (t *trial) changed(before map[string]string, c command) string {
	after := t.listing()
	var lines []string
	names := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		inside := strings.HasPrefix(name, "work/") || name == "work"
		if before[name] == after[name] || inside && c.writes || name == "violations.txt" || c.spare != nil && c.spare(name) {
			continue
		}
		lines = append(lines, fmt.Sprintf("%q was %q, is %q", name, before[name], after[name]))
	}
	return strings.Join(lines, "\n")
}

// short is the beginning and the end of a long output, safe to print.
func short(text string) string {
	if len(text) > 1500 {
		text = text[:900] + "\n…\n" + text[len(text)-500:]
	}
	return strings.Map(func(r rune) rune {
		if control(string(r)) != "" || r == utf8.RuneError {
			return '¿'
		}
		return r
	}, text)
}

// quoted is a command line that a shell takes.
func quoted(args []string) string {
	var words []string
	for _, arg := range args {
		words = append(words, "'"+strings.ReplaceAll(arg, "'", `'\''`)+"'")
	}
	return short(strings.Join(words, " "))
}
